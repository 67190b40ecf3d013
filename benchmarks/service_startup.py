"""Measure the start of a traced service whose ingestion endpoint is unresponsive.

Run: make bench, or PYTHONPATH=.:tests .venv/bin/python benchmarks/service_startup.py
"""

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

import httpx
import psutil

from support.unresponsive_ports import UNRESPONSIVE_PORTS, closed_port

STARTS = 5
TARGET_S = 1.0
KEY = "00000000-0000-0000-0000-000000000000"


def main() -> int:
    """Print the measurements; return 1 when a target was missed, else 0."""
    print(f"start to first response, median of {STARTS}; load average {psutil.getloadavg()[0]:.1f}")
    untraced = ["benchmarks.tracing.variants", "untraced", "uvloop, httptools"]
    print(f"  an untraced FastAPI service  {median(_start_s(9, untraced, '/values/4') for _ in range(STARTS)):5.2f} s")
    missed = False
    for what, unresponsive_port in UNRESPONSIVE_PORTS.items():
        with unresponsive_port() as port:
            seconds = median(_start_s(port, ["echo"], "/healthz") for _ in range(STARTS))
        missed |= seconds >= TARGET_S
        verdict = "ok" if seconds < TARGET_S else "MISSED"
        print(f"  echo, endpoint {what:13} {seconds:5.2f} s   target < {TARGET_S:g} s   {verdict}")
    return int(missed)


def _start_s(endpoint_port: int, module: list[str], path: str) -> float:
    """Run a module; return the seconds from its start to its first response."""
    endpoint = f"http://127.0.0.1:{endpoint_port}"
    with closed_port() as port, tempfile.TemporaryDirectory() as storage_dir:
        environment = {
            "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={KEY};IngestionEndpoint={endpoint}",
            "ECHO_PORT": str(port),
            "TELEMETRY_STORAGE_DIR": storage_dir,
        }
        arguments = [str(port), endpoint, storage_dir] if len(module) > 1 else []
        began = time.monotonic()
        service = subprocess.Popen(
            [sys.executable, "-m", *module, *arguments], env=os.environ | environment, stderr=subprocess.DEVNULL
        )
        try:
            return _first_response(f"http://127.0.0.1:{port}{path}", began + 30) - began
        finally:
            service.terminate()
            service.wait(30)


def _first_response(url: str, deadline: float) -> float:
    """Return the monotonic time of the first response."""
    with httpx.Client(trust_env=False) as client:
        while True:
            try:
                client.get(url).raise_for_status()
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)  # the resolution of the measurement
            else:
                return time.monotonic()


if __name__ == "__main__":
    sys.exit(main())
