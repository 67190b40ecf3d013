"""Measure the start of `insights serve` and its memory while idle.

Run: make bench, or .venv/bin/python benchmarks/startup.py
"""

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

STARTS = 7
FIRST_RESPONSE_TARGET_S = 0.8
IDLE_MEMORY_TARGET_MB = 100


def main() -> int:
    """Print the measurements; return 1 when a target was missed, else 0."""
    starts = [_start() for _ in range(STARTS)]
    first_response_s = statistics.median(seconds for seconds, _ in starts)
    memory_mb = max(megabytes for _, megabytes in starts)
    rows = [
        (f"start to first 200, median of {STARTS}, s", first_response_s, FIRST_RESPONSE_TARGET_S),
        ("idle memory (RSS), largest, MB", memory_mb, IDLE_MEMORY_TARGET_MB),
    ]
    print(f"load average {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
    for what, measured, target in rows:
        print(f"{what:40} {measured:7.2f}   target < {target:g}   {'ok' if measured < target else 'MISSED'}")
    return int(any(measured >= target for _, measured, target in rows))


def _start() -> tuple[float, float]:
    """Start a server with an empty store; return the seconds to its first response, and its memory then in MB."""
    with tempfile.TemporaryDirectory() as directory:
        began = time.monotonic()
        server = subprocess.Popen(
            [Path(sys.executable).with_name("insights"), "serve", "--port", "0", "--data", directory],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None  # noqa: S101 (stdout is a pipe)
            address = server.stdout.readline().split("://", 1)[1].partition("/")[0]
            connection = http.client.HTTPConnection(address, timeout=10)
            connection.request("GET", "/healthz")
            if connection.getresponse().status != http.client.OK:
                message = "the server is not healthy"
                raise RuntimeError(message)
            seconds = time.monotonic() - began
            connection.close()
            return seconds, psutil.Process(server.pid).memory_info().rss / 1e6
        finally:
            server.terminate()
            server.communicate(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
