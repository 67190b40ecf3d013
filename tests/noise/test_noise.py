"""A real server under thousands of batches of noise: no failure, no good item lost, memory bounded.

NOISE_BATCHES says how many (10,000 unless it is set).
"""

import gzip
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx
import psutil
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from insights_process import Insights, running_insights
from noisy_batches import NoisyBatch, good_element, noisy_batches

from local_insights.store.engine.duckdb_store import DuckDBStore

BATCHES = int(os.environ.get("NOISE_BATCHES", "10000"))
MEMORY_LIMIT_MB = 450
"""What DuckDB may hold, the telemetry that may wait, and the program itself."""


class Memory:
    """The most that a server held, looked at while it works."""

    def __init__(self, insights: Insights) -> None:
        self._process = psutil.Process(insights.process.pid)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.most_mb = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.05):
            self.most_mb = max(self.most_mb, self._process.memory_info().rss / 1e6)


def stored(data: Path) -> set[str]:
    """The operations in the store's file, opened anew."""
    store = DuckDBStore(data)
    rows = store._questions.ask("SELECT DISTINCT operation_id FROM items", {})
    store.close()
    return {operation_id for (operation_id,) in rows}


@pytest.mark.timeout(7200)
def test_no_failure_and_no_lost_neighbour_in_any_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good: set[str] = set()
    answers: dict[int, int] = {}
    with running_insights(tmp_path) as insights, httpx.Client(trust_env=False, timeout=60) as client:

        @given(noisy_batches())
        @settings(
            max_examples=BATCHES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(batch: NoisyBatch) -> None:
            response = client.post(f"{insights.url}/v2.1/track", content=batch.body)
            answers[response.status_code] = answers.get(response.status_code, 0) + 1
            assert response.status_code in ({200, 206} if batch.good else {200, 206, 400}), response.text
            receipt = response.json()
            assert receipt["itemsAccepted"] + len(receipt["errors"]) == receipt["itemsReceived"]
            good.update(batch.good)

        with Memory(insights) as memory:
            send()
        insights.process.terminate()
        insights.process.wait(timeout=60)
    with capsys.disabled():
        print(f"\n{sum(answers.values()):,} batches, answered {answers}; largest memory {memory.most_mb:.0f} MB")  # noqa: T201
    assert good - stored(tmp_path) == set()
    assert memory.most_mb < MEMORY_LIMIT_MB


BOMBS: dict[str, Callable[[], bytes]] = {
    "white space": lambda: gzip.compress(good_element("kept") + b"\n" + b" " * (1 << 26), 1),
    "one endless text": lambda: gzip.compress(good_element("kept") + b'\n{"name": "' + b"x" * (1 << 26), 1),
    "small items without end": lambda: gzip.compress(b"[" + good_element("kept") + b",1" * (1 << 25), 1),
    "brackets": lambda: gzip.compress(b"[" + good_element("kept") + b"," + b"[" * (1 << 26), 1),
    "empty lists": lambda: gzip.compress(good_element("kept") + b"\n[" + b"[]," * (1 << 20) + b"[]]", 1),
    "metrics": lambda: gzip.compress(
        good_element("kept")
        + b'\n{"time":"2026-11-23T00:00:00Z","data":{"baseType":"MetricData","baseData":{"metrics":['
        + b"{}," * (1 << 20)
        + b"{}]}}}",
        1,
    ),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", BOMBS)
def test_memory_is_bounded_under_bombs_from_many_senders(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = BOMBS[kind]()
    statuses: list[int] = []
    with running_insights(tmp_path) as insights:

        def send() -> None:
            with httpx.Client(trust_env=False, timeout=300) as client:
                statuses.append(client.post(f"{insights.url}/v2.1/track", content=body).status_code)

        with Memory(insights) as memory:
            senders = [threading.Thread(target=send) for _ in range(8)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
        assert httpx.get(f"{insights.url}/healthz", trust_env=False).status_code == 200
        insights.process.terminate()
        insights.process.wait(timeout=60)
    with capsys.disabled():
        print(f"\n{kind}: {len(body):,} bytes eight times, answered {statuses}; {memory.most_mb:.0f} MB")  # noqa: T201
    assert set(statuses) <= {200, 206, 503}
    assert 503 in statuses or "kept" in stored(tmp_path)
    assert memory.most_mb < MEMORY_LIMIT_MB
