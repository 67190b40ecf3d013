"""Measure the time from an input to the Application Map, and of `make demo` when everything runs already.

Starts an isolated mesh with the default settings, except for its ports. Run: make bench, or
PYTHONPATH=. .venv/bin/python benchmarks/input_to_map.py
"""

import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx

from running.demo import await_edges
from running.settings import PROJECT_DIR, Settings
from support.isolated_mesh import isolated_mesh, variables

INPUTS = 30
VISIBLE_TARGET_S = 1.5
WARM_DEMO_TARGET_S = 10


def main() -> int:
    """Print the measurements; return 1 when a target was missed, else 0."""
    with isolated_mesh() as settings:
        visible_s = [_input_to_map_s(settings) for _ in range(INPUTS)]
        demo_s = _warm_demo_s(settings)
    rows = [
        (f"input to visible on the map, p50 of {INPUTS}", statistics.median(visible_s), VISIBLE_TARGET_S),
        (f"input to visible on the map, max of {INPUTS}", max(visible_s), VISIBLE_TARGET_S),
        ("make demo, warm", demo_s, WARM_DEMO_TARGET_S),
    ]
    for what, measured_s, target_s in rows:
        print(f"{what:42} {measured_s:6.2f} s   target < {target_s} s   {'ok' if measured_s < target_s else 'MISSED'}")
    return int(any(measured_s >= target_s for _, measured_s, target_s in rows))


def _input_to_map_s(settings: Settings) -> float:
    began = datetime.now(UTC)
    sent = time.monotonic()
    httpx.post(f"{settings.url('frontend')}/values", json={"value": "4"}, trust_env=False).raise_for_status()
    await_edges(settings, began, calls=1)
    return time.monotonic() - sent


def _warm_demo_s(settings: Settings) -> float:
    began = time.monotonic()
    subprocess.run(["make", "demo"], cwd=PROJECT_DIR, env=variables(settings), stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
