"""The wheel of the telemetry library, installed with other versions of its dependencies than the lock's.

In each environment the library's unit tests run against the installed wheel.
"""

import re
import subprocess
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from running.settings import PROJECT_DIR
from support.wheels import build_wheel, create_venv

LIBRARY = tomllib.loads((PROJECT_DIR / "shared" / "telemetry" / "pyproject.toml").read_text())
EXTRAS = ",".join(LIBRARY["project"]["optional-dependencies"])
LOWER_BOUND = re.compile(r"^Requires-Dist: ([a-z-]+)(>=|==)([0-9.]+)", re.MULTILINE)
TEST_PACKAGES = ("hypothesis", "pytest", "pytest-timeout")
UNIT_TESTS = ("tests/unit/telemetry",)
INTEGRATION_TESTS = tuple(
    str(path.relative_to(PROJECT_DIR))
    for pattern in ("fastapi_*", "route_names", "operation_names", "span*", "*_metrics", "logs", "internal_errors")
    for path in sorted((PROJECT_DIR / "tests" / "unit" / "telemetry").glob(f"test_{pattern}.py"))
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel("shared/telemetry", tmp_path_factory.mktemp("wheel"))


def lower_bounds(wheel: Path) -> list[str]:
    """Return a requirement `name==version` for the lower bound of every dependency of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = archive.read(name).decode()
    return [f"{name}=={bound}" for name, _, bound in LOWER_BOUND.findall(metadata)]


def run_tests(wheel: Path, directory: Path, tests: tuple[str, ...], *requirements: str) -> str:
    """Install the wheel and other requirements, run tests there, and return the output.

    The lock excludes `mysql-connector`, which overwrites files of mysql-connector-python; so does this environment.
    Warnings are not errors here: old packages use interfaces that have been deprecated since.
    """
    overrides = directory / "overrides.txt"
    overrides.write_text("mysql-connector; sys_platform == 'never'\n")
    tools = [f"{name}=={version(name)}" for name in TEST_PACKAGES]
    library = f"local-insights-telemetry[{EXTRAS}] @ {wheel.as_uri()}"
    python = create_venv(directory / "venv", "--overrides", overrides, library, *tools, *requirements)
    program = "import telemetry; print(telemetry.__file__)"
    location = subprocess.run([python, "-c", program], cwd="/", capture_output=True, text=True, check=True).stdout
    assert Path(location).is_relative_to(directory), location
    pytest_options = ["--quiet", "-p", "no:cacheprovider", "--override-ini=filterwarnings=default"]
    outcome = subprocess.run(
        [python, "-m", "pytest", *pytest_options, *tests],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-1000:]
    return outcome.stdout


def test_unit_tests_pass_with_the_lowest_versions_of_all_dependencies(wheel: Path, tmp_path: Path) -> None:
    bounds = lower_bounds(wheel)
    assert {bound.partition("==")[0] for bound in bounds} >= {"fastapi", "httpx", "mysql-connector-python", "requests"}
    assert " passed" in run_tests(wheel, tmp_path, UNIT_TESTS, *bounds)


def test_fastapi_tests_pass_with_a_fastapi_of_two_years_ago(wheel: Path, tmp_path: Path) -> None:
    assert " passed" in run_tests(wheel, tmp_path, INTEGRATION_TESTS, "fastapi==0.115.6")


def test_unit_tests_pass_with_the_newest_versions_of_all_dependencies(wheel: Path, tmp_path: Path) -> None:
    assert " passed" in run_tests(wheel, tmp_path, UNIT_TESTS)
