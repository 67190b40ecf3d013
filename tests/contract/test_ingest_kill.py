"""Acknowledged telemetry survives SIGKILL and SIGTERM."""

import itertools
import json
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from local_insights.store.duckdb.store import DuckDBStore
from support.captured_posts import envelopes
from support.insights_process import Insights, running_insights
from support.items import all_items

BATCH_ITEMS = 20
CLIENTS = 4
GOOD = envelopes("opencensus_fixed", "RequestData")[0]


class Load:
    """Clients that post batches in a loop; each batch is an operation of its own."""

    def __init__(self, insights: Insights) -> None:
        self._url = f"{insights.url}/v2.1/track"
        self._numbers = itertools.count()
        self.acknowledged: set[str] = set()
        self._threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def await_acknowledged(self, batches: int) -> None:
        deadline = time.monotonic() + 20
        while len(self.acknowledged) < batches:
            assert time.monotonic() < deadline, "the server acknowledges too few batches"
            time.sleep(0.01)

    def await_end(self) -> None:
        for thread in self._threads:
            thread.join(30)

    def _send(self) -> None:
        with httpx.Client(trust_env=False) as client:
            for number in self._numbers:
                operation_id = f"batch{number}"
                envelope = {**GOOD, "tags": {**GOOD["tags"], "ai.operation.id": operation_id}}
                batch = [{**envelope, "time": f"2026-11-23T03:48:{second}Z"} for second in range(10, 10 + BATCH_ITEMS)]
                try:
                    response = client.post(self._url, content=json.dumps(batch))
                except httpx.TransportError:
                    return
                if response.status_code == 200:
                    self.acknowledged.add(operation_id)


def stored(data: Path) -> Counter[str]:
    """Open the store's file again and return the number of items per operation."""
    store = DuckDBStore(data)
    items = all_items(store)
    store.close()
    return Counter(item.operation_id for item in items)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_acknowledged_item_is_lost_and_no_batch_is_stored_partially(tmp_path: Path, number: signal.Signals) -> None:
    with running_insights(tmp_path) as insights:
        load = Load(insights)
        load.await_acknowledged(100)
        insights.process.send_signal(number)
        insights.process.wait(timeout=30)
        load.await_end()
    counts = stored(tmp_path)
    assert load.acknowledged <= counts.keys()
    assert set(counts.values()) == {BATCH_ITEMS}


def test_stopped_server_leaves_one_file_and_exit_code_0(tmp_path: Path) -> None:
    with running_insights(tmp_path) as insights:
        httpx.post(f"{insights.url}/v2.1/track", json=[GOOD], trust_env=False).raise_for_status()
        insights.process.terminate()
        _, errors = insights.process.communicate(timeout=30)
        assert (insights.process.returncode, errors) == (0, "")
    assert [file.name for file in tmp_path.iterdir()] == ["insights.duckdb"]
