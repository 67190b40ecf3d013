"""`insights export` and `insights import`: copy telemetry from one server to another with a file."""

import gzip
import json
import os
import subprocess
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def insights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insights]:
    with running_insights(tmp_path_factory.mktemp("data")) as started:
        yield started


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
        assert command("import", file, "--server", insights.url) == (
            1,
            "Line or element 2: time: expected a value, got none\nSent 2 items, 1 rejected.\n",
        )


def test_export_to_stdout_is_the_same_file(tmp_path: Path) -> None:
    with running_insights(tmp_path / "data") as insights:
        fill(insights)
        lines = exported(insights, tmp_path / "file.gz")
        done = subprocess.run(
            [INSIGHTS, "export", "-", "--server", insights.url], capture_output=True, timeout=60, check=True
        )
    assert gzip.decompress(done.stdout).decode().splitlines() == lines


def test_export_replaces_only_regular_files(tmp_path: Path) -> None:
    pipe, link, file = tmp_path / "pipe", tmp_path / "link", tmp_path / "file.gz"
    os.mkfifo(pipe)
    file.write_bytes(b"earlier")
    link.symlink_to(file)
    with running_insights(tmp_path / "data") as insights:
        fill(insights)
        lines = exported(insights, link)
        with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
            assert command("export", pipe, "--server", insights.url)[0] == 0
            content, _ = reader.communicate(timeout=30)
        assert command("export", "/dev/null", "--server", insights.url)[0] == 0
        code, message = command("export", tmp_path, "--server", insights.url)

    assert pipe.is_fifo()
    assert link.is_symlink()
    assert Path("/dev/null").is_char_device()
    assert (code, f"Cannot write {tmp_path}" in message) == (1, True)
    assert gzip.decompress(content).decode().splitlines() == lines
    assert gzip.decompress(file.read_bytes()).decode().splitlines() == lines
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "file.gz", "link", "pipe"]


def test_interrupted_import_reports_what_was_sent_and_can_be_continued(tmp_path: Path) -> None:
    line = json.dumps(posts()[0].envelopes[0]).encode() + b"\n"
    content = gzip.compress(line * 5_000, 0)
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 0xFF
    header = content.index(line[:40])  # of the first stored block, whose header has 5 bytes
    broken = bytearray(content)
    broken[header - 5] = 0x07  # an invalid type of block: an error of zlib itself
    file = tmp_path / "telemetry.gz"
    with running_insights(tmp_path / "data") as insights:
        file.write_bytes(broken)
        code, message = command("import", file, "--server", insights.url)
        assert (code, "Sent so far: 0 items. To continue, add --skip 0." in message) == (1, True)
        assert f"Cannot read {file} to its end" in message
        file.write_bytes(damaged)
        code, message = command("import", file, "--server", insights.url)
        assert (code, "Sent so far: " in message) == (1, True)
        file.write_bytes(content)
        assert command("import", file, "--skip", "4998", "--server", insights.url) == (0, "Sent 2 items.\n")
    code, message = command("import", file, "--skip", "4000", "--server", "http://127.0.0.1:9")
    assert (code, "Sent so far: 0 items. To continue, add --skip 4000." in message) == (1, True)


def test_long_lines_are_imported_in_requests_of_bounded_size(tmp_path: Path) -> None:
    envelope = posts()[0].envelopes[0]
    padding = {f"padding{number}": "x" * 8_000 for number in range(100)}
    envelope["data"]["baseData"]["properties"] = padding
    file = tmp_path / "long.jsonl.gz"
    file.write_bytes(gzip.compress((json.dumps(envelope).encode() + b"\n") * 400, 1))
    with running_insights(tmp_path / "data") as insights:
        assert command("import", file, "--server", insights.url) == (0, "Sent 400 items.\n")


def test_line_over_the_limit_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "line.gz"
    file.write_bytes(gzip.compress(b'{"a":"' + b"x" * (65 << 20), 1))
    with running_insights(tmp_path / "data") as insights:
        code, message = command("import", file, "--server", insights.url)
    assert (code, "Line 1 has more than 64 MiB" in message) == (1, True)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_array_of_envelopes_is_imported(tmp_path: Path, insights: Insights, indent: int | None, mark: bytes) -> None:
    file = tmp_path / "array.json"
    envelopes = [posts()[0].envelopes[0]] * 50
    file.write_bytes(mark + json.dumps([*envelopes, {}], indent=indent).encode())
    code, message = command("import", file, "--server", insights.url)
    assert (code, message) == (1, "Line or element 51: time: expected a value, got none\nSent 50 items, 1 rejected.\n")
    assert command("import", file, "--skip", "51", "--server", insights.url) == (0, "Sent 0 items.\n")


def test_array_without_an_end_is_rejected_in_bounded_memory(tmp_path: Path, insights: Insights) -> None:
    file = tmp_path / "brackets.gz"
    file.write_bytes(gzip.compress(b"[" * (65 << 20), 1))
    code, message = command("import", file, "--server", insights.url)
    assert (code, "Sent 0 items, 1 rejected." in message) == (1, True)
    assert "an item of more than 4,194,304 bytes" in message


def test_file_of_the_collector_is_imported(tmp_path: Path, insights: Insights) -> None:
    span = {"name": "GET /", "traceId": "0af7651916cd43dd8448eb211c80319c", "startTimeUnixNano": "1795435200000000000"}
    log = {"body": {"stringValue": "x"}, "timeUnixNano": "1795435200000000000"}
    lines: list[object] = [
        {"resourceSpans": [{"scopeSpans": [{"spans": [span, span | {"name": "POST /"}]}]}]},
        {"resourceLogs": [{"scopeLogs": [{"logRecords": [log]}]}]},
        {"resourceLogs": 7},
        {"resourceSpans": [{"scopeSpans": [{"spans": [span | {"name": "PUT /"}]}]}]},
    ]
    file = tmp_path / "collector.json"
    file.write_text("\n".join(map(json.dumps, lines)))
    before = items_of(insights)
    code, message = command("import", file, "--server", insights.url)
    assert (code, items_of(insights) - before) == (1, 4)
    assert "Sent 4 items, 1 rejected." in message
    assert "OTLP requests from line 2 on: line 2: Failed to parse resourceLogs" in message


def items_of(insights: Insights) -> int:
    count: int = httpx.get(f"{insights.url}/healthz", trust_env=False).json()["items"]
    return count


def test_lines_before_damage_are_imported(tmp_path: Path, insights: Insights) -> None:
    line = json.dumps(posts()[0].envelopes[0]).encode() + b"\n"
    content = gzip.compress(line * 500, 0)
    file = tmp_path / "cut.gz"
    file.write_bytes(content[: len(content) // 2])
    code, message = command("import", file, "--server", insights.url)
    sent = int(message.partition("Sent so far: ")[2].partition(" ")[0])
    assert (code, 100 < sent < 260, f"--skip {sent}." in message) == (1, True, True)


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
