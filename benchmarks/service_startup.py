"""How soon a traced service answers after it was started, though its telemetry goes where nobody answers.

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

from support.unresponsive_ports import BLACK_HOLES, closed_port

STARTS = 5
TARGET_S = 1.0
KEY = "00000000-0000-0000-0000-000000000000"


def main() -> int:
    """Print the figures. Returns 1 when a target was missed, else 0."""
    print(f"start to first answer, median of {STARTS}; load average {psutil.getloadavg()[0]:.1f}")
    untraced = ["benchmarks.tracing.variants", "untraced", "uvloop, httptools"]
    print(f"  an untraced FastAPI service  {median(_start_s(9, untraced, '/values/4') for _ in range(STARTS)):5.2f} s")
    missed = False
    for what, black_hole in BLACK_HOLES.items():
        with black_hole() as port:
            seconds = median(_start_s(port, ["echo"], "/healthz") for _ in range(STARTS))
        missed |= seconds >= TARGET_S
        verdict = "ok" if seconds < TARGET_S else "MISSED"
        print(f"  echo, endpoint {what:13} {seconds:5.2f} s   target < {TARGET_S:g} s   {verdict}")
    return int(missed)


def _start_s(endpoint_port: int, module: list[str], path: str) -> float:
    """Seconds from the command to the first answer of a module that is run."""
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
            return _first_answer(f"http://127.0.0.1:{port}{path}", began + 30) - began
        finally:
            service.terminate()
            service.wait(30)


def _first_answer(url: str, deadline: float) -> float:
    """When the first answer came, by the monotonic clock."""
    with httpx.Client(trust_env=False) as client:
        while True:
            try:
                client.get(url).raise_for_status()
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)  # as finely as the start is told
            else:
                return time.monotonic()


if __name__ == "__main__":
    sys.exit(main())
