"""Kill a server under load; count the acknowledged items that are missing and those that are stored twice.

Clients resend every batch without a response, as SDKs do: in other groups, mixed with new items. With --stop the server
process is suspended for longer than the clients wait, so that batches are resent that the server stores later.
Run: .venv/bin/python benchmarks/kills.py --kills 30
"""

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from local_insights.store.duckdb.store import DuckDBStore
from support.insights_process import running_insights
from support.items import all_items

CLIENTS = 6
CLIENT_TIMEOUT_S = 10.0
CLIENT_TIMEOUT_STOP_S = 1.0
SUSPENDED_S = 2.0
RESENT_ITEMS = 80
"""Maximum number of items of earlier batches in one batch."""


@dataclass(slots=True)
class Load:
    """Clients that send to the current server. An operation id identifies an item."""

    url: str
    timeout_s: float
    acknowledged: set[str] = field(default_factory=set)
    resent_items: int = 0
    is_ending: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run_client(self, number: int) -> None:
        """Send batches until the load ends and everything is acknowledged."""
        chance = random.Random(number)  # noqa: S311 - not for security
        unacknowledged: list[dict[str, Any]] = []
        sent = 0
        with httpx.Client(timeout=self.timeout_s, trust_env=False) as client:
            while unacknowledged or not self.is_ending.is_set():
                new: list[dict[str, Any]] = []
                if not self.is_ending.is_set():
                    new = [envelope(f"{number}-{sent + index}") for index in range(chance.randrange(5, 60))]
                    sent += len(new)
                chance.shuffle(unacknowledged)
                resent, rest = unacknowledged[:RESENT_ITEMS], unacknowledged[RESENT_ITEMS:]
                batch = new + resent
                if self._is_acknowledged(client, batch):
                    unacknowledged = rest
                else:
                    unacknowledged = rest + batch
                    time.sleep(0.05)  # the pause of a client before it retries
                with self.lock:
                    self.resent_items += len(resent)

    def _is_acknowledged(self, client: httpx.Client, batch: list[dict[str, Any]]) -> bool:
        try:
            response = client.post(f"{self.url}/v2.1/track", json=batch)
        except httpx.TransportError:
            return False
        if response.status_code != httpx.codes.OK:
            return False
        with self.lock:
            self.acknowledged.update(one["tags"]["ai.operation.id"] for one in batch)
        return True


def envelope(name: str) -> dict[str, Any]:
    """Return a request, or for every third name a log record, which has no id."""
    data: dict[str, Any] = {"id": name, "name": "GET /", "duration": "00:00:01", "success": True, "responseCode": "200"}
    kind = "RequestData"
    if int(name.rpartition("-")[2]) % 3 == 0:
        kind, data = "MessageData", {"message": name}
    tags = {"ai.cloud.role": "load", "ai.operation.id": name}
    time_ = datetime.now(UTC).isoformat()
    return {"name": kind, "time": time_, "tags": tags, "data": {"baseType": kind, "baseData": data}}


def run(data: Path, kills: int, *, is_stop: bool) -> int:
    """Run the load over all kills; print the counts and return the number of lost and doubled items."""
    chance = random.Random(kills)  # noqa: S311 - not for security
    load = Load("", CLIENT_TIMEOUT_STOP_S if is_stop else CLIENT_TIMEOUT_S)
    clients = [threading.Thread(target=load.run_client, args=(number,)) for number in range(CLIENTS)]
    for number in range(kills + 1):
        with running_insights(data) as server:
            load.url = server.url
            if not number:
                for client in clients:
                    client.start()
            if number == kills:
                load.is_ending.set()
                for client in clients:
                    client.join()
                server.process.terminate()
                server.process.wait(timeout=30)
                break
            time.sleep(chance.uniform(0.3, 1.2))  # the kill has a random time
            if is_stop:
                server.process.send_signal(signal.SIGSTOP)
                time.sleep(SUSPENDED_S)
                server.process.send_signal(signal.SIGCONT)
                time.sleep(chance.uniform(0.3, 1.2))
            server.process.kill()
    store = DuckDBStore(data)
    counts = Counter(item.operation_id for item in all_items(store))
    store.close()
    lost = len(load.acknowledged - counts.keys())
    twice = sum(count > 1 for count in counts.values())
    print(f"{kills} kills: {len(load.acknowledged):,} items acknowledged, {load.resent_items:,} resent")
    print(f"lost {lost}, stored twice {twice}")
    return lost + twice


def main() -> int:
    """Parse the options; exit code 1 if an item is lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--stop", action="store_true", help="suspend the process for 2 s before each kill")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        return int(run(Path(directory), options.kills, is_stop=options.stop) > 0)


if __name__ == "__main__":
    sys.exit(main())
