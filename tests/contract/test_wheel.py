"""The package `local-insights` as users install it: from its wheel, into an empty virtual environment."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local_insights.portal.pages import PAGES as ALL_PAGES
from running.settings import PROJECT_DIR
from support.captured_posts import posts
from support.insights_process import Insights, running_insights
from support.wheels import build_wheel, create_venv

PAGES = tuple(page.path for page in ALL_PAGES if "{" not in page.path)
LOCAL_REFERENCE = re.compile(r'(?:href|src)="(/[^"?#]+)')
RELATIVE_LINK = re.compile(r"\]\((?!https?:|#)")
MAX_VENV_MB = 190
"""Sum of the sizes of all files of the virtual environment, with bytecode."""


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and its dependencies in the versions of the lock file."""
    directory = tmp_path_factory.mktemp("installed")
    venv = directory / "venv"
    wheel = build_wheel("services/insights", directory)
    create_venv(venv, "--compile-bytecode", "--constraints", PROJECT_DIR / "requirements.lock", wheel)
    return venv


@pytest.fixture(scope="module")
def installed(venv: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    """The server of the wheel, started in a directory without the sources."""
    with running_insights(tmp_path_factory.mktemp("data"), venv / "bin" / "insights", PYTHONPATH="") as insights:
        yield insights


def run(*arguments: str | Path) -> str:
    """Run a program of the virtual environment without the sources. Return its stdout."""
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(arguments, cwd="/", env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_virtual_environment_is_smaller_than_the_limit(venv: Path) -> None:
    size = sum(path.stat().st_size for path in venv.rglob("*") if path.is_file() and not path.is_symlink())
    assert size / 1e6 < MAX_VENV_MB


def test_version_is_printed(venv: Path) -> None:
    assert re.fullmatch(r"insights, version \d+\.\d+\.\d+\n", run(venv / "bin" / "insights", "--version"))


def test_module_runs_the_command_line_and_lists_serve_first(venv: Path) -> None:
    text = run(venv / "bin" / "python", "-m", "local_insights", "--help")
    commands = re.findall(r"^  (\w+) ", text[text.index("Commands:") :], re.MULTILINE)
    assert commands == ["serve", "demo", "map", "export", "import", "certificate"]


def test_description_has_no_links_to_files_outside_of_the_wheel(venv: Path) -> None:
    (metadata,) = venv.glob("lib/*/site-packages/local_insights-*.dist-info/METADATA")
    text = metadata.read_text("utf-8")
    assert "insights serve" in text
    assert not RELATIVE_LINK.search(text)


def test_static_files_of_all_pages_are_in_the_wheel(installed: Insights) -> None:
    with httpx.Client(base_url=installed.url, trust_env=False) as client:
        named = {path for page in PAGES for path in LOCAL_REFERENCE.findall(client.get(page).raise_for_status().text)}
        static = {path for path in named if path.startswith("/static/")}
        assert {Path(path).suffix for path in static} >= {".css", ".js", ".svg"}
        assert {path: client.get(path).status_code for path in static} == dict.fromkeys(static, 200)


def test_telemetry_of_sdks_is_on_the_map(installed: Insights) -> None:
    with httpx.Client(base_url=installed.url, trust_env=False) as client:
        for post in posts():
            assert client.post(f"{installed.url}{post.path}", content=post.body).is_success
        shown = client.get("/map.json", params={"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}).json()
    assert "role" in {node["kind"] for node in shown["nodes"]}


def test_demo_fills_every_page(installed: Insights, venv: Path) -> None:
    stdout = run(venv / "bin" / "insights", "demo", "--server", installed.url)
    with httpx.Client(base_url=installed.url, trust_env=False) as client:
        nodes = client.get("/map.json").json()["nodes"]
        assert {"role", "browser", "client", "availability", "dependency"} <= {node["kind"] for node in nodes}
        assert {"storefront", "orders", "payments", "inventory", "worker"} <= {node["name"] for node in nodes}
        empty = {page for page in PAGES if "insights demo" in client.get(page).text}
        assert empty <= {"/live"}  # has the text in a hidden element, which the browser shows when servers disappear
        for address in re.findall(rf"{installed.url}(/\S+)", stdout):
            assert client.get(address).status_code == 200
        assert client.get("/live.json").json()["servers"]
        assert client.get("/search.json", params={"q": "TimeoutError"}).json()["items"]
    assert f"{installed.url}/transaction/" in stdout
