"""The table of traps names, for each, tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
TABLE = TESTS.parent / "docs" / "telemetry-traps.md"
HEADING = {"OpenCensus", "---"}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and line.split("|")[1].strip() not in HEADING
]
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


@cache
def functions(path: Path) -> set[str]:
    """Names of the functions that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_trap_has_its_row() -> None:
    assert len(ROWS) >= 50


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_row_is_filled_and_its_tests_exist(row: list[str]) -> None:
    trap, remedy, tests = row
    named = NAMED_TEST.findall(tests)
    assert trap
    assert remedy
    assert named
    assert tests.split("<br>") == [f"`{file}::{name}`" for file, name in named]
    missing = [f"{file}::{name}" for file, name in named if name not in functions(TESTS / file)]
    assert missing == []
