"""Measure ingested items per second; each batch is acknowledged after its commit.

The server is one process. This process, pinned to one core, sends batches of 100 items in the format of SDKs over
persistent connections. Every item is sent once, because items that are sent again are not stored.
Run: make bench, or .venv/bin/python benchmarks/ingest.py
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

CONNECTIONS = 32
BATCH_ITEMS = 100
DISTINCT_BATCHES = 400
SECONDS = 15
ROLES = 10
PLACEHOLDER = "%%%%%%"
"""The part of each operation id that is replaced by the number of the batch."""

ITEMS_PER_S_TARGET = 60_000
ACKNOWLEDGED_P99_TARGET_MS = 250
MEMORY_TARGET_MB = 400


@dataclass(slots=True)
class Load:
    """Results of all connections."""

    batches: int = 0
    """Batches that were sent."""
    acknowledged_ms: list[float] = field(default_factory=list)
    rejected: int = 0


def main() -> int:
    """Print the measurements; return 1 when a target was missed, else 0."""
    cores = sorted(os.sched_getaffinity(0))
    bodies = [_body(random.Random(number)) for number in range(DISTINCT_BATCHES)]  # noqa: S311 (sample data)
    with tempfile.TemporaryDirectory() as directory:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("insights"), "serve", "--port", "0", "--data", directory],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            os.sched_setaffinity(0, cores[-1:])
            load, memory_mb, cpu_s, elapsed_s = asyncio.run(_measure(_port(server), bodies, psutil.Process(server.pid)))
        finally:
            os.sched_setaffinity(0, cores)
            server.terminate()
            server.communicate(timeout=30)
    items = len(load.acknowledged_ms) * BATCH_ITEMS
    p99_ms = statistics.quantiles(load.acknowledged_ms, n=100)[98]
    body_bytes = statistics.mean(map(len, bodies)) / BATCH_ITEMS
    print(f"{items:,} items of {body_bytes:.0f} bytes in {elapsed_s:.1f} s; load average {os.getloadavg()[0]:.1f}")
    rows = [
        ("items/s acknowledged", items / elapsed_s, ITEMS_PER_S_TARGET, items / elapsed_s >= ITEMS_PER_S_TARGET),
        ("acknowledgement p99, ms", p99_ms, ACKNOWLEDGED_P99_TARGET_MS, p99_ms < ACKNOWLEDGED_P99_TARGET_MS),
        ("largest memory (RSS), MB", memory_mb, MEMORY_TARGET_MB, memory_mb < MEMORY_TARGET_MB),
        ("batches rejected", load.rejected, 0, load.rejected == 0),
    ]
    print(f"{'items per CPU second of the server':36} {items / cpu_s:9,.0f}")
    print(f"{'acknowledgement p50, ms':36} {statistics.median(load.acknowledged_ms):9,.0f}")
    for what, measured, target, reached in rows:
        print(f"{what:36} {measured:9,.0f}   target {target:7,}   {'ok' if reached else 'MISSED'}")
    return int(not all(reached for *_, reached in rows))


async def _measure(port: int, bodies: list[bytes], server: psutil.Process) -> tuple[Load, float, float, float]:
    """Load the server; return the results, its largest memory in MB, its CPU seconds, and the elapsed seconds."""
    load = Load()
    await asyncio.gather(*(_send(port, bodies, load, time.monotonic() + 1) for _ in range(2)))
    load = Load(batches=load.batches)
    busy_s = sum(server.cpu_times()[:2])
    began = time.monotonic()
    tasks = [
        asyncio.create_task(_send(port, bodies[offset:] + bodies[:offset], load, began + SECONDS))
        for offset in range(CONNECTIONS)
    ]
    memory_mb = 0.0
    while not all(task.done() for task in tasks):
        memory_mb = max(memory_mb, server.memory_info().rss / 1e6)
        await asyncio.sleep(0.1)
    await asyncio.gather(*tasks)
    return load, memory_mb, sum(server.cpu_times()[:2]) - busy_s, time.monotonic() - began


async def _send(port: int, bodies: list[bytes], load: Load, until: float) -> None:
    """Send batches on one connection, each after the response to the previous one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while time.monotonic() < until:
        body = bodies[number % len(bodies)].replace(PLACEHOLDER.encode(), b"%06x" % load.batches)
        number += 1
        load.batches += 1
        sent = time.monotonic()
        writer.write(b"POST /v2.1/track HTTP/1.1\r\nhost: insights\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        if head.startswith(b"HTTP/1.1 200"):
            load.acknowledged_ms.append(1000 * (time.monotonic() - sent))
        else:
            load.rejected += 1
    writer.close()
    await writer.wait_closed()


def _port(server: subprocess.Popen[str]) -> int:
    """Return the port that the server prints."""
    assert server.stdout is not None  # noqa: S101 (stdout is a pipe)
    return int(server.stdout.readline().split("://", 1)[1].partition("/")[0].rpartition(":")[2])


def _body(chance: random.Random) -> bytes:
    """Return a batch of requests, dependencies and log records of one service."""
    role = chance.randrange(ROLES)
    return json.dumps([_envelope(chance, role) for _ in range(BATCH_ITEMS)]).encode()


def _envelope(chance: random.Random, role: int) -> dict[str, object]:
    base_type, base_data = chance.choice((_request, _dependency, _dependency, _message))(chance)
    sent_at = datetime.now(UTC) - timedelta(microseconds=chance.randrange(60_000_000))
    return {
        "iKey": "00000000-0000-0000-0000-000000000000",
        "tags": {
            "ai.cloud.role": f"service-{role}",
            "ai.cloud.roleInstance": "vm",
            "ai.device.id": "vm",
            "ai.device.locale": "en_US",
            "ai.device.osVersion": "#1 SMP PREEMPT_DYNAMIC",
            "ai.device.type": "Other",
            "ai.internal.sdkVersion": "py3.11.7:oc0.11.4:ext1.1.15",
            "ai.operation.id": f"{PLACEHOLDER}{chance.getrandbits(104):026x}",
            "ai.operation.name": "POST /values",
            "ai.operation.parentId": f"{chance.getrandbits(64):016x}",
        },
        "time": sent_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "name": f"Microsoft.ApplicationInsights.{base_type.removesuffix('Data')}",
        "data": {"baseData": {"ver": 2, **base_data}, "baseType": base_type},
    }


def _duration(chance: random.Random) -> str:
    return f"0.00:00:{chance.randrange(3):02d}.{chance.randrange(1000):03d}"


def _request(chance: random.Random) -> tuple[str, dict[str, object]]:
    return "RequestData", {
        "id": f"{chance.getrandbits(64):016x}",
        "name": "POST /values",
        "duration": _duration(chance),
        "responseCode": "201",
        "success": True,
        "url": "http://127.0.0.1:8000/values",
        "properties": {"request.name": "POST /values", "request.url": "http://127.0.0.1:8000/values"},
    }


def _dependency(chance: random.Random) -> tuple[str, dict[str, object]]:
    return "RemoteDependencyData", {
        "id": f"{chance.getrandbits(64):016x}",
        "name": "POST /echo",
        "duration": _duration(chance),
        "resultCode": "200",
        "success": True,
        "type": "HTTP",
        "target": "127.0.0.1:8001",
        "data": "http://127.0.0.1:8001/echo",
        "properties": {"http.method": "POST", "http.route": "/echo", "http.user_agent": "python-httpx/0.28.1"},
    }


def _message(chance: random.Random) -> tuple[str, dict[str, object]]:
    return "MessageData", {
        "message": f"value {chance.randrange(1000)} was stored by the service that stores values",
        "severityLevel": 1,
        "properties": {"module": "storage", "fileName": "storage/values.py", "lineNumber": 24, "level": "INFO"},
    }


if __name__ == "__main__":
    sys.exit(main())
