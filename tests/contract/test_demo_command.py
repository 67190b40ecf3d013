"""`insights demo`: errors, and new telemetry for Live Metrics."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from local_insights.cli import demo
from support.insights_process import INSIGHTS, running_insights


def test_error_without_a_server_names_address_and_remedy() -> None:
    done = subprocess.run(
        [INSIGHTS, "demo", "--server", "http://127.0.0.1:9"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "http://127.0.0.1:9" in done.stderr
    assert "insights serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_server_that_accepts_other_keys_only_is_reported(tmp_path: Path) -> None:
    with running_insights(tmp_path, INSIGHTS_ALLOWED_KEYS="another-key") as insights:
        result = CliRunner().invoke(demo.demo_command, ["--server", insights.url])
    assert result.exit_code == 1
    assert "rejected 1,000 of 1,000 items" in result.stderr


def test_live_option_sends_new_telemetry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "LIVE_S", 2)
    monkeypatch.setattr(demo, "LIVE_INTERVAL_S", 1)
    with running_insights(tmp_path) as insights:
        result = CliRunner().invoke(demo.demo_command, ["--server", insights.url, "--live"])
        assert result.exit_code == 0
        history = re.search(r"Sent ([\d,]+) items", result.output)
        assert history
        assert stored_items(insights.url) > int(history[1].replace(",", ""))


def stored_items(url: str) -> int:
    items: int = httpx.get(f"{url}/healthz", trust_env=False).json()["items"]
    return items
