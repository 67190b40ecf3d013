"""The package `local-insights` as users install it: from its wheel alone, into an environment that has nothing else."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from running.settings import PROJECT_DIR
from support.captured_posts import posts
from support.insights_process import Insights, running_insights

UV = Path(sys.executable).with_name("uv")
PAGES = ("/map", "/live", "/performance", "/failures", "/search", "/transaction")
OWN_REFERENCE = re.compile(r'(?:href|src)="(/[^"?#]+)')


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    """The server of the built wheel, started far from the sources."""
    place = tmp_path_factory.mktemp("installed")
    venv = place / "venv"
    uv("build", "--wheel", "--offline", "--out-dir", place, PROJECT_DIR / "services" / "insights")
    (wheel,) = place.glob("local_insights-*.whl")
    uv("venv", "--python", sys.executable, venv)
    uv("pip", "install", "--python", venv, "--constraints", PROJECT_DIR / "requirements.lock", wheel)
    with running_insights(place / "data", venv / "bin" / "insights", PYTHONPATH="") as insights:
        yield insights


def uv(*arguments: str | Path) -> None:
    """Run uv with the package index that pip is configured for, as `make setup` does."""
    configured = {}
    for variable, option in (("UV_DEFAULT_INDEX", "global.index-url"), ("SSL_CERT_FILE", "global.cert")):
        pip = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", option], capture_output=True, text=True, check=False
        )
        if pip.returncode == 0:
            configured[variable] = pip.stdout.strip()
    subprocess.run([UV, *arguments, "--quiet"], cwd="/", env=configured | os.environ, check=True)


def test_pages_come_with_all_that_they_name(installed: Insights) -> None:
    with httpx.Client(base_url=installed.url, trust_env=False) as client:
        named = {path for page in PAGES for path in OWN_REFERENCE.findall(client.get(page).raise_for_status().text)}
        static = {path for path in named if path.startswith("/static/")}
        assert {Path(path).suffix for path in static} >= {".css", ".js", ".svg"}
        assert {path: client.get(path).status_code for path in static} == dict.fromkeys(static, 200)


def test_what_an_sdk_sends_is_on_the_map(installed: Insights) -> None:
    with httpx.Client(base_url=installed.url, trust_env=False) as client:
        for post in posts():
            assert client.post(f"{installed.url}{post.path}", content=post.body).is_success
        shown = client.get("/map.json", params={"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}).json()
    assert "role" in {node["kind"] for node in shown["nodes"]}
