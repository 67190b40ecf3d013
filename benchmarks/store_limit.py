"""Measure the disk space of a server with a size limit under a steady load of long texts.

Each request has a batch of items with one long text each and is acknowledged after its commit. The size of the data
directory is read 100 times per second. Run: .venv/bin/python benchmarks/store_limit.py --help
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

CONNECTIONS = 4
ACKNOWLEDGED_P99_TARGET_MS = 300
SAMPLE_S = 0.01
WORDS = [f"word{number}" for number in range(5000)]

TEXTS: dict[str, Callable[[random.Random, int], str]] = {
    "hex": lambda chance, length: chance.randbytes(length // 2).hex(),
    "words": lambda chance, length: " ".join(chance.choices(WORDS, k=length // 8)),
    "lines": lambda chance, length: "".join(
        f"at Company.Service.Method{chance.randrange(300)}(Int32 a) in /src/file{line}.cs:{chance.randrange(900)};"
        for line in range(length // 70)
    ),
}


@dataclass(slots=True)
class Load:
    """Results of all connections."""

    acknowledged_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    sent_bytes: int = 0


class DiskWatch:
    """A thread that records the largest size of a directory."""

    def __init__(self, directory: Path) -> None:
        self.largest_bytes = 0
        self._directory = directory
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(SAMPLE_S):
            self.largest_bytes = max(self.largest_bytes, _size(self._directory))


def main() -> int:
    """Print the measurements; return 1 when a target was missed, else 0."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(temporary) / "data"
        server = subprocess.Popen(
            [Path(sys.executable).with_name("insights"), "serve", "--port", "0", "--data", data],
            stdout=subprocess.PIPE,
            env=os.environ | {"INSIGHTS_MAX_STORE_MB": str(arguments.limit_mb)},
            text=True,
        )
        try:
            port = _port(server)
            watch = DiskWatch(data)
            load, seconds = asyncio.run(_measure(port, arguments))
            stored = asyncio.run(_stored_items(port))
            memory_mb = psutil.Process(server.pid).memory_info().rss / 1e6
            disk_bytes = _size(data)
        finally:
            server.terminate()
            server.communicate(timeout=60)
        watch.stop()
        closed_bytes = _size(data)
    p99_ms = statistics.quantiles(load.acknowledged_ms, n=100)[98]
    acknowledged = load.statuses[200] * arguments.batch_items
    print(
        f"limit {arguments.limit_mb} MiB, {arguments.text} texts of {arguments.length} characters: "
        f"{load.sent_bytes / 1e6 / seconds:.1f} MB/s for {seconds:.0f} s; load average {os.getloadavg()[0]:.1f}"
    )
    print(f"largest size on disk  {watch.largest_bytes / 2**20:8.1f} MiB")
    print(f"size at the end       {disk_bytes / 2**20:8.1f} MiB, closed {closed_bytes / 2**20:.1f} MiB")
    print(
        f"acknowledgement       p50 {statistics.median(load.acknowledged_ms):.0f} ms, p99 {p99_ms:.0f} ms, "
        f"largest {max(load.acknowledged_ms):.0f} ms"
    )
    print(f"responses             {dict(load.statuses)}")
    print(f"items                 {acknowledged:,} acknowledged, {stored:,} stored, {acknowledged - stored:,} deleted")
    print(f"memory (RSS)          {memory_mb:8.0f} MB")
    return int(watch.largest_bytes > arguments.limit_mb * 2**20 or p99_ms > ACKNOWLEDGED_P99_TARGET_MS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the disk space of a server with a size limit.")
    parser.add_argument("--limit-mb", type=int, default=64, help="INSIGHTS_MAX_STORE_MB")
    parser.add_argument("--mb-per-s", type=float, default=3.0, help="MB of request bodies per second")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--text", choices=TEXTS, default="hex")
    parser.add_argument("--length", type=int, default=8000, help="characters of each text")
    parser.add_argument("--batch-items", type=int, default=20)
    return parser.parse_args()


async def _measure(port: int, arguments: argparse.Namespace) -> tuple[Load, float]:
    load = Load()
    began_s = time.monotonic()
    await asyncio.gather(*(_send(port, load, began_s, number, arguments) for number in range(CONNECTIONS)))
    return load, time.monotonic() - began_s


async def _send(port: int, load: Load, began_s: float, number: int, arguments: argparse.Namespace) -> None:
    """Send batches on one connection, each after the response to the previous one, at a share of the rate."""
    chance = random.Random(number)  # noqa: S311 (sample data)
    sent_bytes = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < began_s + arguments.seconds:
        body = _body(chance, arguments)
        sent_s = time.monotonic()
        writer.write(b"POST /v2.1/track HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        status, _ = await _response(reader)
        load.statuses[status] += 1
        load.acknowledged_ms.append(1000 * (time.monotonic() - sent_s))
        sent_bytes += len(body)
        load.sent_bytes += len(body)
        next_s = began_s + sent_bytes * CONNECTIONS / (arguments.mb_per_s * 1e6)
        await asyncio.sleep(max(0, next_s - time.monotonic()))
    writer.close()
    await writer.wait_closed()


async def _stored_items(port: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    _, content = await _response(reader)
    writer.close()
    return int(json.loads(content)["items"])


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Return status and content of a response."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    return int(head[9:12]), await reader.readexactly(length)


def _body(chance: random.Random, arguments: argparse.Namespace) -> bytes:
    text = TEXTS[arguments.text]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps(
        [
            {
                "iKey": "00000000-0000-0000-0000-000000000000",
                "tags": {"ai.cloud.role": "service", "ai.operation.id": f"{chance.getrandbits(128):032x}"},
                "time": now,
                "name": "Microsoft.ApplicationInsights.Request",
                "data": {
                    "baseType": "RequestData",
                    "baseData": {
                        "ver": 2,
                        "id": f"{chance.getrandbits(64):016x}",
                        "name": "POST /values",
                        "duration": "00:00:00.012",
                        "responseCode": "201",
                        "success": True,
                        "properties": {"text": text(chance, arguments.length)},
                    },
                },
            }
            for _ in range(arguments.batch_items)
        ]
    ).encode()


def _size(directory: Path) -> int:
    """Return the size of all files of a directory. A file may disappear meanwhile."""
    size = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                size += Path(folder, name).stat().st_size
            except FileNotFoundError:
                continue
    return size


def _port(server: subprocess.Popen[str]) -> int:
    """Return the port that the server prints."""
    assert server.stdout is not None  # noqa: S101 (stdout is a pipe)
    return int(server.stdout.readline().split("://", 1)[1].partition("/")[0].rpartition(":")[2])


if __name__ == "__main__":
    sys.exit(main())
