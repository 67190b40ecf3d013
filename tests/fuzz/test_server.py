"""A real server receives thousands of fuzzed batches: no error, no valid item lost, bounded memory.

FUZZ_BATCHES sets the number of batches (default 10,000).
"""

import gzip
import os
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self
from urllib.parse import quote

import httpx
import psutil
import pytest
from backports import zstd
from hypothesis import HealthCheck, Phase, given, settings

from local_insights.portal.pages import PAGES
from local_insights.store.duckdb.store import DuckDBStore
from support.fuzzed_batches import FuzzedBatch, fuzzed_batches, valid_item
from support.insights_process import Insights, running_insights

INTERNAL_SERVER_ERROR = 500
BATCHES = int(os.environ.get("FUZZ_BATCHES", "10000"))
CLIENTS = 8
"""Concurrent clients: requests wait for a commit, and one commit serves all of them."""
MEMORY_LIMIT_MB = 450
"""DuckDB's memory limit, the memory budget of ingestion, and the program itself."""


class Memory:
    """The memory of a server before, during (maximum) and after a test."""

    def __init__(self, insights: Insights) -> None:
        self._process = psutil.Process(insights.process.pid)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.most_mb = self.before_mb = self.after_mb = self._now_mb()

    def __str__(self) -> str:
        return f"memory {self.before_mb:.0f} MB before, {self.most_mb:.0f} at most, {self.after_mb:.0f} after"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self.after_mb = self._now_mb()

    def _sample(self) -> None:
        while not self._end.wait(0.05):
            self.most_mb = max(self.most_mb, self._now_mb())

    def _now_mb(self) -> float:
        return float(self._process.memory_info().rss / 1e6)


def stored(data: Path) -> set[str]:
    """Open the store's file again and return its operation ids."""
    store = DuckDBStore(data)
    rows = store.execute("SELECT DISTINCT operation_id FROM items", {})
    store.close()
    return {operation_id for (operation_id,) in rows}


@pytest.mark.timeout(7200)
def test_no_fuzzed_batch_fails_or_loses_a_valid_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    valid: set[str] = set()
    statuses: Counter[int] = Counter()
    in_flight: deque[tuple[FuzzedBatch, Future[httpx.Response]]] = deque()

    def check_oldest() -> None:
        batch, future = in_flight.popleft()
        response = future.result()
        context = (response.text, batch.body[:10_000])
        statuses[response.status_code] += 1
        assert response.status_code in ({200, 206} if batch.valid else {200, 206, 400}), context
        track = response.json()
        assert track["itemsAccepted"] + len(track["errors"]) == track["itemsReceived"], context
        valid.update(batch.valid)

    with (
        running_insights(tmp_path) as insights,
        httpx.Client(trust_env=False, timeout=60) as client,
        ThreadPoolExecutor(CLIENTS) as clients,
    ):

        @given(fuzzed_batches())
        @settings(
            max_examples=BATCHES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(batch: FuzzedBatch) -> None:
            if len(in_flight) == CLIENTS:
                check_oldest()
            in_flight.append((batch, clients.submit(client.post, f"{insights.url}/v2.1/track", content=batch.body)))

        with Memory(insights) as memory:
            send()
            while in_flight:
                check_oldest()
        request_every_page(insights)
        insights.process.terminate()
        insights.process.wait(timeout=60)
    with capsys.disabled():
        print(f"\n{statuses.total():,} batches, statuses {dict(statuses)}; {memory}")  # noqa: T201
    assert statuses.total() >= BATCHES
    assert valid - stored(tmp_path) == set()
    assert memory.most_mb < MEMORY_LIMIT_MB


def request_every_page(insights: Insights) -> None:
    """Request every page: none fails for the stored items."""
    ranges = ("since=1h", "since=3650d", "from=1970-01-01&to=2262-04-11")
    pages = [page.path for page in PAGES if "{" not in page.path]
    paths = [f"{page}{suffix}?{range_}" for page in pages for suffix in ("", ".json") for range_ in ranges]
    with httpx.Client(base_url=insights.url, trust_env=False, timeout=60) as client:
        items = client.get("/search.json?from=1970-01-01&to=2262-04-11&limit=1000").json()["items"]
        operations = {item["operation_id"] for item in items if item["operation_id"]}
        paths += [f"/transaction/{quote(one, safe='')}{suffix}" for one in operations for suffix in ("", ".json")]
        statuses = {path: client.get(path).status_code for path in paths}
    assert {path: status for path, status in statuses.items() if status >= INTERNAL_SERVER_ERROR} == {}
    assert len(operations) > 1


GZIP_BOMBS: dict[str, Callable[[], bytes]] = {
    "white space in zstd": lambda: zstd.compress(valid_item("valid") + b"\n" + b" " * (1 << 28)),
    "brackets in zstd": lambda: zstd.compress(b"[" + valid_item("valid") + b"," + b"[" * (1 << 26)),
    "lines of arrays": lambda: gzip.compress(b"[" + valid_item("valid") + b"]\n" + b"[{},{}]\n" * (1 << 22), 1),
    "white space": lambda: gzip.compress(valid_item("valid") + b"\n" + b" " * (1 << 26), 1),
    "one endless text": lambda: gzip.compress(valid_item("valid") + b'\n{"name": "' + b"x" * (1 << 26), 1),
    "small items, endless": lambda: gzip.compress(b"[" + valid_item("valid") + b",1" * (1 << 25), 1),
    "brackets": lambda: gzip.compress(b"[" + valid_item("valid") + b"," + b"[" * (1 << 26), 1),
    "empty lists": lambda: gzip.compress(valid_item("valid") + b"\n[" + b"[]," * (1 << 20) + b"[]]", 1),
    "metrics": lambda: gzip.compress(
        valid_item("valid")
        + b'\n{"time":"2026-11-23T00:00:00Z","data":{"baseType":"MetricData","baseData":{"metrics":['
        + b"{}," * (1 << 20)
        + b"{}]}}}",
        1,
    ),
}


def sized(number: int, content: bytes) -> bytes:
    """Encode a nested message in protobuf."""
    size = len(content)
    length = bytes([(size >> shift & 0x7F) | 0x80 for shift in (0, 7, 14)]) + bytes([size >> 21])
    return bytes([number << 3 | 2]) + length + content


OTLP_BOMBS: dict[str, Callable[[], bytes]] = {
    "spans": lambda: sized(1, sized(2, b"\x12\x00" * (1 << 24))),
    "resources": lambda: b"\x0a\x00" * (1 << 24),
    "attributes of a span": lambda: sized(1, sized(2, sized(2, b"\x4a\x00" * (1 << 24)))),
    "events of many spans": lambda: sized(1, sized(2, sized(2, b"\x5a\x00" * (1 << 20)) * 16)),
    "JSON lists": lambda: b'{"resourceSpans":[' + b"[]," * (1 << 23) + b"[]]}",
    "JSON spans": lambda: b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b"{}," * 300_000 + b"{}]}]}]}",
    "JSON brackets": lambda: b'{"a":' + b"[" * (1 << 25),
    "JSON lines": lambda: b'{"resourceSpans":[]}\n' * (1 << 21),
    "JSON lines of spans": lambda: (
        (b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b"{}," * 900 + b"{}]}]}]}\n") * 300
    ),
    "attributes of a resource": lambda: sized(
        1, sized(1, sized(1, b"\x0a\x01a" + sized(2, sized(1, b"x" * 1_000_000)))) + sized(2, b"\x12\x00" * 100_000)
    ),
    "JSON text": lambda: b'{"a":"' + b"\\ud800" * (1 << 22) + b'"}',
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", OTLP_BOMBS)
def test_memory_is_bounded_under_gzip_bombs_by_otlp(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = gzip.compress(OTLP_BOMBS[kind](), 1)
    headers = {"content-type": "application/json" if "JSON" in kind else "application/x-protobuf"}
    with running_insights(tmp_path) as insights, httpx.Client(trust_env=False, timeout=300) as client:
        with Memory(insights) as memory:
            status = client.post(f"{insights.url}/v1/traces", content=body, headers=headers).status_code
        assert client.get(f"{insights.url}/healthz").status_code == 200
    with capsys.disabled():
        print(f"\n{kind}: {len(body):,} bytes, status {status}; {memory}")  # noqa: T201
    assert status in {200, 400}
    assert memory.most_mb < MEMORY_LIMIT_MB


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", GZIP_BOMBS)
def test_memory_is_bounded_under_gzip_bombs_from_many_clients(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = GZIP_BOMBS[kind]()
    statuses: list[int] = []
    with running_insights(tmp_path) as insights:

        def send() -> None:
            with httpx.Client(trust_env=False, timeout=300) as client:
                statuses.append(client.post(f"{insights.url}/v2.1/track", content=body).status_code)

        with Memory(insights) as memory:
            clients = [threading.Thread(target=send) for _ in range(CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
        assert httpx.get(f"{insights.url}/healthz", trust_env=False).status_code == 200
        insights.process.terminate()
        insights.process.wait(timeout=60)
    with capsys.disabled():
        print(f"\n{kind}: {len(body):,} bytes eight times, statuses {statuses}; {memory}")  # noqa: T201
    assert set(statuses) <= {200, 206, 503}
    assert 503 in statuses or "valid" in stored(tmp_path)
    assert memory.most_mb < MEMORY_LIMIT_MB
