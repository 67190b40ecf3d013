"""Measure the portal's pages on a million stored items: response time, CPU time and first paint.

Pages are requested one after another over HTTP, for the last hour and the last day; the items are those of one day of a
small shop. CPU is the server's time per response on all cores; other programs hardly change it.
Run: make bench, or PYTHONPATH=. .venv/bin/python benchmarks/portal_pages.py [thousands of items]
"""

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import httpx
import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.sample_telemetry import ITEMS_PER_OPERATION, shop_items
from local_insights.model.time_range import TimeRange
from local_insights.store.duckdb.store import DuckDBStore

THOUSANDS = 1_000
BATCH_ITEMS = 20_000
REPEATS = 30
PAINTS = 5
SERVER_P95_TARGET_MS = 100
FIRST_PAINT_TARGET_MS = 400
FIRST_PAINT = """() => new Promise((done) => {
    const observer = new PerformanceObserver((list) => done(list.getEntries()[0].startTime));
    observer.observe({ type: "paint", buffered: true });
})"""
DAY_US = 86_400_000_000

PAGES = {
    "overview": "/overview",
    "map": "/map",
    "map, a role's panel": "/map?node=role:catalogue",
    "performance": "/performance",
    "performance, selected": "/performance?row_role=orders&name=POST+/orders&shortest_ms=50&longest_ms=500&samples=p95",
    "performance, dependencies": "/performance?tab=dependencies",
    "failures": "/failures",
    "failures, selected": "/failures?row_role=orders&name=POST+/orders",
    "failures, exceptions": "/failures?tab=exceptions",
    "search, everything": "/search",
    "search, rare word": '/search?q="Lost+connection"',
    "newest transactions": "/transaction",
}


def main() -> int:
    """Print the measurements; return 1 when a target was missed, else 0."""
    items = 1000 * int(sys.argv[1] if len(sys.argv) > 1 else THOUSANDS)
    with tempfile.TemporaryDirectory() as directory:
        stored = asyncio.run(_fill(Path(directory), items))
        print(f"{stored:,} items of one day")
        with _server(Path(directory)) as (address, server), _browser() as browser:
            operation_id = httpx.get(f"{address}/transaction.json").json()["operations"][0]["operation_id"]
            pages = PAGES | {"transaction": f"/transaction/{operation_id}"}
            print(f"{'':28}{'1 h p50':>8}{'p95':>7}{'CPU':>7}  {'24 h p50':>8}{'p95':>7}{'CPU':>7}{'paint':>14}   load")
            reached = [_measure(address, server, what, path, browser) for what, path in pages.items()]
    print(f"targets: p95 below {SERVER_P95_TARGET_MS} ms, first paint below {FIRST_PAINT_TARGET_MS} ms")
    return int(not all(reached))


async def _fill(directory: Path, items: int) -> int:
    """Store one day of telemetry that ends now; return the number of items."""
    now_us = time.time_ns() // 1000
    store = DuckDBStore(directory)
    sample = shop_items(TimeRange(now_us - DAY_US, now_us), operations=round(items / ITEMS_PER_OPERATION))
    while batch := list(islice(sample, BATCH_ITEMS)):
        await store.append(batch)
    stored = store.stats().items
    store.close()
    return stored


def _measure(address: str, server: psutil.Process, what: str, path: str, browser: Browser | None) -> bool:
    """Print the measurements of one page; return True when they are within the targets."""
    cells, reached = [], True
    with httpx.Client(base_url=address, timeout=60) as client:
        for since in ("1h", "24h"):
            url = f"{path}{'&' if '?' in path else '?'}since={since}"
            client.get(url).raise_for_status()
            busy_s = sum(server.cpu_times()[:2])
            taken_ms = [_milliseconds(client, url) for _ in range(REPEATS)]
            cpu_ms = 1000 * (sum(server.cpu_times()[:2]) - busy_s) / REPEATS
            p95 = statistics.quantiles(taken_ms, n=20)[18]
            reached = reached and p95 < SERVER_P95_TARGET_MS
            cells.append(f"{statistics.median(taken_ms):8.0f}{p95:7.0f}{cpu_ms:7.0f}")
    paint_ms = _first_paint_ms(browser, address + path) if browser else None
    reached = reached and (paint_ms is None or paint_ms < FIRST_PAINT_TARGET_MS)
    painted = "no Chromium" if paint_ms is None else f"{paint_ms:.0f}"
    verdict = "" if reached else "   MISSED"
    print(f"{what:28}{'  '.join(cells)}{painted:>14}   {os.getloadavg()[0]:.1f}{verdict}", flush=True)
    return reached


def _milliseconds(client: httpx.Client, url: str) -> float:
    began = time.perf_counter()
    client.get(url).raise_for_status()
    return 1000 * (time.perf_counter() - began)


def _first_paint_ms(browser: Browser, url: str) -> float:
    """Return the median of several visits with a warm cache of style sheets and scripts."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    taken = []
    for _ in range(PAINTS):
        page.goto(url)
        taken.append(float(page.evaluate(FIRST_PAINT)))
    context.close()
    return statistics.median(taken)


@contextmanager
def _server(directory: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Run a server on the data directory; yield its address and its process."""
    command = [str(Path(sys.executable).with_name("insights")), "serve", "--port", "0", "--data", str(directory)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None  # noqa: S101 (stdout is a pipe)
        yield server.stdout.readline().split()[-1].removesuffix("/map"), psutil.Process(server.pid)
    finally:
        server.terminate()
        server.communicate(timeout=30)


@contextmanager
def _browser() -> Iterator[Browser | None]:
    """Start Chromium; yield None when it is not installed."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        yield None
        return
    with sync_playwright() as playwright:
        arguments = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
