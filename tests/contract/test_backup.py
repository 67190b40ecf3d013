"""`insights export` and `insights import`: copy telemetry from one server to another with a file."""

import gzip
import json
import subprocess
from pathlib import Path

import httpx
import pytest

from support.captured_posts import posts
from support.insights_process import INSIGHTS, Insights, running_insights


def command(*arguments: str | Path) -> tuple[int, str]:
    """Run a command. Return its exit code and stderr."""
    done = subprocess.run([INSIGHTS, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def fill(insights: Insights) -> int:
    """Send captured telemetry of real SDKs. Return the number of accepted items."""
    sent = [httpx.post(f"{insights.url}{post.path}", content=post.body, trust_env=False).json() for post in posts()]
    return sum(response["itemsAccepted"] for response in sent)


def exported(insights: Insights, file: Path, *options: str) -> list[str]:
    """Export a server to a file. Return the lines in order; a server stores items in the order of arrival."""
    code, message = command("export", file, "--server", insights.url, *options)
    assert (code, message.startswith(f"Wrote {file}")) == (0, True), message
    return gzip.decompress(file.read_bytes()).decode().splitlines()


def test_import_of_an_export_restores_all_items_in_another_server(tmp_path: Path) -> None:
    file = tmp_path / "telemetry.jsonl.gz"
    with running_insights(tmp_path / "one") as one, running_insights(tmp_path / "another") as another:
        fill(one)
        lines = exported(one, file)

        assert command("import", file, "--server", another.url) == (0, f"Sent {len(lines):,} items.\n")

        assert exported(another, tmp_path / "again.jsonl.gz") == lines
        assert len(lines) > 100


def test_export_can_be_limited_to_a_time_range(tmp_path: Path) -> None:
    with running_insights(tmp_path / "data") as insights:
        fill(insights)
        assert exported(insights, tmp_path / "empty.gz", "--since", "1m") == []


def test_invalid_lines_are_counted_and_other_lines_are_imported(tmp_path: Path) -> None:
    good = json.dumps(posts()[0].envelopes[0])
    file = tmp_path / "plain.jsonl"
    file.write_text(f"{good}\n{{}}\n{good}\n")
    with running_insights(tmp_path / "data") as insights:
        assert command("import", file, "--server", insights.url) == (1, "Sent 2 items, 1 rejected.\n")


def test_error_for_a_truncated_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "damaged.gz"
    file.write_bytes(gzip.compress(b"x" * 10_000)[:-20])
    with running_insights(tmp_path / "data") as insights:
        code, message = command("import", file, "--server", insights.url)
    assert code == 1
    assert f"Cannot read {file} to its end" in message


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("export", "out.gz", "--since", "soon"), "since=soon"),
        (("export", "no such folder/out.gz"), "Cannot write"),
        (("import", "no such file"), "Cannot read"),
    ],
)
def test_failed_command_prints_the_cause_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with running_insights(tmp_path / "data") as insights:
        code, message = command(*arguments, "--server", insights.url)
    assert code == 1
    assert expected in message
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_error_without_a_server_names_insights_serve(tmp_path: Path) -> None:
    code, message = command("export", tmp_path / "out.gz", "--server", "http://127.0.0.1:9")
    assert code == 1
    assert "insights serve" in message
