"""A real server, and the real SDKs that send telemetry to it.

SDKs that are not dependencies of the project are installed below .local on first use: for Python by uv with the exact
versions of opentelemetry.lock, for Node.js by npm with those of package-lock.json.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from support.insights_process import Insights, running_insights

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
INSTALLED = PROJECT / ".local" / "sdk"


@pytest.fixture(scope="session")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    """One server for all tests: every program has its own roles and operations."""
    with running_insights(tmp_path_factory.mktemp("insights"), INSIGHTS_TLS_PORT="0") as running:
        yield running


@pytest.fixture(scope="session")
def opentelemetry_python() -> Path:
    """Return the interpreter of an environment with OpenTelemetry and Azure's distribution of it."""
    folder = INSTALLED / "python"
    lock = Path("tests", "sdk", "opentelemetry.lock")
    _install(["running/locked_venv.sh", folder, sys.executable, lock], PROJECT)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """Return a folder with the SDKs for JavaScript in node_modules."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("NOT TESTED: the SDKs for JavaScript, because node or npm is not on the PATH")
    folder = INSTALLED / "node"
    lock = HERE / "package-lock.json"

    mark = folder / ".installed"
    if not mark.exists() or mark.read_bytes() != lock.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        _install(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        mark.write_bytes(lock.read_bytes())
    for program in (HERE / "programs").glob("*.*js"):
        shutil.copy(program, folder)
    return folder


def _install(command: Sequence[str | Path], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"packages could not be installed by {command[0]}:\n{done.stdout}{done.stderr}", pytrace=False)
