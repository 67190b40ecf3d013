"""`insights export` and `insights import`: from one server to another by way of a file."""

import gzip
import json
import subprocess
from pathlib import Path

import httpx
import pytest

from support.captured_posts import posts
from support.insights_process import INSIGHTS, Insights, running_insights


def command(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and message of a command."""
    done = subprocess.run([INSIGHTS, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def fill(insights: Insights) -> int:
    """Send what real SDKs sent. Returns how many items were kept."""
    sent = [httpx.post(f"{insights.url}{post.path}", content=post.body, trust_env=False).json() for post in posts()]
    return sum(receipt["itemsAccepted"] for receipt in sent)


def exported(insights: Insights, file: Path, *options: str) -> list[str]:
    """The lines that a server's export has, in order: two servers keep the same items in the order they came."""
    code, message = command("export", file, "--server", insights.url, *options)
    assert (code, message.startswith(f"Wrote {file}")) == (0, True), message
    return gzip.decompress(file.read_bytes()).decode().splitlines()


def test_another_server_holds_the_same_after_export_and_import(tmp_path: Path) -> None:
    file = tmp_path / "telemetry.jsonl.gz"
    with running_insights(tmp_path / "one") as one, running_insights(tmp_path / "another") as another:
        fill(one)
        lines = exported(one, file)

        assert command("import", file, "--server", another.url) == (0, f"Sent {len(lines):,} items.\n")

        assert exported(another, tmp_path / "again.jsonl.gz") == lines
        assert len(lines) > 100


def test_a_range_of_time_is_exported_alone(tmp_path: Path) -> None:
    with running_insights(tmp_path / "data") as insights:
        fill(insights)
        assert exported(insights, tmp_path / "empty.gz", "--since", "1m") == []


def test_lines_that_are_no_telemetry_are_counted_and_cost_no_others(tmp_path: Path) -> None:
    good = json.dumps(posts()[0].envelopes[0])
    file = tmp_path / "plain.jsonl"
    file.write_text(f"{good}\n{{}}\n{good}\n")
    with running_insights(tmp_path / "data") as insights:
        assert command("import", file, "--server", insights.url) == (1, "Sent 2 items, 1 were refused.\n")


def test_a_damaged_file_is_named_with_what_was_sent_of_it(tmp_path: Path) -> None:
    file = tmp_path / "damaged.gz"
    file.write_bytes(gzip.compress(b"x" * 10_000)[:-20])
    with running_insights(tmp_path / "data") as insights:
        code, message = command("import", file, "--server", insights.url)
    assert code == 1
    assert f"Cannot read {file} to its end" in message


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "out.gz", "--since", "soon"), "since=soon"),
        (("export", "no such folder/out.gz"), "Cannot write"),
        (("import", "no such file"), "Cannot read"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with running_insights(tmp_path / "data") as insights:
        code, message = command(*arguments, "--server", insights.url)
    assert code == 1
    assert said in message
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_without_a_server_there_is_a_hint(tmp_path: Path) -> None:
    code, message = command("export", tmp_path / "out.gz", "--server", "http://127.0.0.1:9")
    assert code == 1
    assert "insights serve" in message
