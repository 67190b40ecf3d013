"""The event stream of Live Metrics: one event per second, each document once, no delay when the server stops."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from local_insights.model.live.live_state import LiveState
from local_insights.model.live.snapshot import snapshot
from local_insights.portal.live.formatted_snapshot import FormattedSnapshot, format_snapshot
from local_insights.portal.live.stream import MAX_STREAMS, CurrentSnapshot, LiveStreams
from support.items import EMPTY_ITEM, SECOND_US
from support.live_reports import NOON_S, RATE, point, reported, sent

pytestmark = pytest.mark.anyio


def current(live: LiveState, at_s: float = NOON_S + 1) -> CurrentSnapshot:
    def get(after: int) -> FormattedSnapshot:
        return format_snapshot(snapshot(live.copy(at_s)), after)

    return get


async def events(stream: AsyncIterator[bytes], count: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the ids and data of the first events."""
    found = []
    async for chunk in stream:
        lines = dict(line.split(": ", 1) for line in chunk.decode().strip().split("\n"))
        if "data" in lines:
            found.append((lines["id"], json.loads(lines["data"])))
        if len(found) == count:
            return found
    return found


def log(live: LiveState, *messages: str) -> None:
    items = [EMPTY_ITEM._replace(time_us=int(NOON_S) * SECOND_US, message=message) for message in messages]
    live.observe(items, NOON_S)


async def test_first_event_is_immediate_and_contains_the_whole_minute() -> None:
    live = reported(point({RATE: 5}, sent("trace", Message="a line")))
    began_s = time.monotonic()
    ((number, data),) = await events(LiveStreams(asyncio.Event()).open(current(live), 0), 1)
    assert time.monotonic() - began_s < 0.5
    assert number == "1"
    assert data["values"]["requests_per_second"] == {"number": "5.0", "unit": "/s"}
    assert data["series"]["requests_per_second"][-1] == 5
    assert len(data["series"]["requests_per_second"]) == 60
    assert [one["name"] for one in data["documents"]] == ["a line"]


async def test_each_document_is_sent_once_also_after_a_lost_connection() -> None:
    live = LiveState()
    streams = LiveStreams(asyncio.Event())
    log(live, "1", "2")
    ((seen, data),) = await events(streams.open(current(live), 0), 1)
    assert [one["name"] for one in data["documents"]] == ["2", "1"]
    log(live, "3")
    ((seen, data),) = await events(streams.open(current(live), int(seen)), 1)
    assert [one["name"] for one in data["documents"]] == ["3"]
    ((again, data),) = await events(streams.open(current(live), int(seen)), 1)
    assert (again, data["documents"]) == (seen, [])


async def test_events_follow_the_end_of_each_second() -> None:
    streams = LiveStreams(asyncio.Event())
    times_s = []
    async for chunk in streams.open(current(LiveState()), 0):
        if b"data:" in chunk:
            times_s.append(time.time())
        if len(times_s) == 3:
            break
    assert all(time_s % 1 < 0.3 for time_s in times_s[1:])
    assert int(times_s[2]) - int(times_s[1]) == 1


async def test_open_streams_end_when_the_server_stops() -> None:
    stopping = asyncio.Event()
    streams = LiveStreams(stopping)
    readers = [asyncio.create_task(events(streams.open(current(LiveState()), 0), 100)) for _ in range(5)]
    await asyncio.sleep(0)
    began_s = time.monotonic()
    stopping.set()
    await asyncio.gather(*readers)
    assert time.monotonic() - began_s < 0.3


async def test_oldest_stream_ends_when_too_many_are_open() -> None:
    streams = LiveStreams(asyncio.Event())
    opened = [streams.open(current(LiveState()), 0) for _ in range(MAX_STREAMS)]
    for stream in opened:
        await anext(stream)
    newest = streams.open(current(LiveState()), 0)
    assert len(await events(newest, 1)) == 1  # and is closed
    assert await events(opened[0], 5) == []
    assert len(await events(opened[1], 1)) == 1
    again = [streams.open(current(LiveState()), 0) for _ in range(2)]
    for stream in again:
        await anext(stream)
    assert len(await events(opened[2], 1)) == 1


async def test_stream_whose_client_does_not_read_ends_before_older_streams() -> None:
    streams = LiveStreams(asyncio.Event())
    opened = [streams.open(current(LiveState()), 0) for _ in range(MAX_STREAMS)]
    for stream in opened:
        await anext(stream)
    silent = opened[5]
    await anext(silent)  # the event is being sent, and the next one is not requested
    assert len(await events(streams.open(current(LiveState()), 0), 1)) == 1
    assert len(await events(opened[0], 1)) == 1
    assert await events(silent, 5) == []


async def test_lone_surrogate_does_not_end_the_stream() -> None:
    live = LiveState()
    log(live, "cut short \ud83d")
    assert len(await events(LiveStreams(asyncio.Event()).open(current(live), 0), 1)) == 1
