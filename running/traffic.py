"""A modest mixed load, so that the map has something to tell: most inputs are fine, some invalid, slow or failing."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx

from running.settings import Settings

INPUTS_PER_S = 5
VALUES = ("1", "2", "three", "", "5", "6", "slow", "8", "nine", "x" * 1001, "11", "12", "fail", "14", "fifteen")
"""Sent in turn. Empty and too long ones are refused by the frontend; `slow` and `fail` do what echo says they do."""

PATIENCE_S = 10
SENDERS = 20


def traffic(settings: Settings) -> None:
    """Send inputs to a mesh that is up until the time is over or Ctrl-C is pressed, then say what came back."""
    print(f"{INPUTS_PER_S} inputs a second for {settings.traffic_s:.0f} s; Ctrl-C ends it.", flush=True)
    sent: list[Future[str]] = []
    with (
        httpx.Client(base_url=settings.url("frontend"), timeout=PATIENCE_S, trust_env=False) as client,
        ThreadPoolExecutor(SENDERS) as senders,
    ):
        try:
            sent += (senders.submit(_send, client, value) for value in _paced(settings.traffic_s))
        except KeyboardInterrupt:
            print()
    for answer, times in sorted(Counter(future.result() for future in sent).items()):
        print(f"{times:6}  {answer}")
    if settings.reports_to_local_insights:
        print(f"See {settings.url('insights')}/map")


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
        return f"no answer ({type(error).__name__})"
    return f"{response.status_code} {response.reason_phrase}"
