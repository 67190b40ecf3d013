"""A real server, and the real packages that send to it.

What is not among the project's own packages is installed below .local when it is first needed: Python's by uv, exactly
as opentelemetry.lock says; Node.js' by npm, exactly as package-lock.json says.
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
    """One server for all: every program has roles and operations of its own."""
    with running_insights(tmp_path_factory.mktemp("insights"), INSIGHTS_TLS_PORT="0") as running:
        yield running


@pytest.fixture(scope="session")
def opentelemetry_python() -> Path:
    """The interpreter of an environment with OpenTelemetry and Azure's distribution of it."""
    folder = INSTALLED / "python"
    lock = Path("tests", "sdk", "opentelemetry.lock")
    _install(["running/locked_venv.sh", folder, sys.executable, lock], PROJECT)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """A folder whose node_modules has the SDKs for JavaScript."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("NOT TESTED: the SDKs for JavaScript, for there is no node and npm on the PATH")
    folder = INSTALLED / "node"
    wanted = HERE / "package-lock.json"

    mark = folder / ".installed"
    if not mark.exists() or mark.read_bytes() != wanted.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        _install(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        mark.write_bytes(wanted.read_bytes())
    for program in (HERE / "programs").glob("*.*js"):
        shutil.copy(program, folder)
    return folder


def _install(command: Sequence[str | Path], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"packages could not be installed by {command[0]}:\n{done.stdout}{done.stderr}", pytrace=False)
