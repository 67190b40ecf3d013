"""A mixed load for the map: most inputs succeed, some are invalid, slow or failing."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx

from running.settings import Settings

INPUTS_PER_S = 5
VALUES = ("1", "2", "three", "", "5", "6", "slow", "8", "nine", "x" * 1001, "11", "12", "fail", "14", "fifteen")
"""The values, sent in turn. The frontend rejects empty and too long ones; `slow` and `fail` demonstrate faults of
echo."""

TIMEOUT_S = 10
CLIENTS = 20


def traffic(settings: Settings) -> None:
    """Send inputs to a running mesh for the configured time or until Ctrl-C, then print the number of each response."""
    print(f"{INPUTS_PER_S} inputs a second for {settings.traffic_s:.0f} s; Ctrl-C stops.", flush=True)
    sent: list[Future[str]] = []
    with (
        httpx.Client(base_url=settings.url("frontend"), timeout=TIMEOUT_S, trust_env=False) as client,
        ThreadPoolExecutor(CLIENTS) as clients,
    ):
        try:
            sent += (clients.submit(_send, client, value) for value in _paced(settings.traffic_s))
        except KeyboardInterrupt:
            print()
    for response, times in sorted(Counter(future.result() for future in sent).items()):
        print(f"{times:6}  {response}")
    if settings.reports_to_local_insights:
        print(f"Application Map: {settings.url('insights')}/map")


def _paced(duration_s: float) -> Iterator[str]:
    began = time.monotonic()
    for number, value in enumerate(itertools.cycle(VALUES)):
        due_s = number / INPUTS_PER_S
        if due_s >= duration_s:
            return
        time.sleep(max(0.0, began + due_s - time.monotonic()))
        yield value


def _send(client: httpx.Client, value: str) -> str:
    try:
        response = client.post("/values", json={"value": value})
    except httpx.HTTPError as error:
        return f"no response ({type(error).__name__})"
    return f"{response.status_code} {response.reason_phrase}"
