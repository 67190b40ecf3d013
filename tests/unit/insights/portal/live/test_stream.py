"""The stream of Live Metrics: an event a second, nothing twice, nothing missed, no delay when the server stops."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from local_insights.model.live.live_state import LiveState
from local_insights.model.live.snapshot import snapshot
from local_insights.portal.live.stream import MAX_STREAMS, LiveStreams, Look, TooManyStreamsError
from local_insights.portal.live.view import LiveView, live_view
from support.live_reports import NOON_S, RATE, point, reported, sent
from support.stored_items import NOTHING, SECOND_US

pytestmark = pytest.mark.anyio


def looking(board: LiveState, at_s: float = NOON_S + 1) -> Look:
    def look(after: int) -> LiveView:
        return live_view(snapshot(board.copy(at_s)), after)

    return look


async def events(stream: AsyncIterator[bytes], count: int) -> list[tuple[str, dict[str, Any]]]:
    """Ids and data of the first events."""
    found = []
    async for part in stream:
        lines = dict(line.split(": ", 1) for line in part.decode().strip().split("\n"))
        if "data" in lines:
            found.append((lines["id"], json.loads(lines["data"])))
        if len(found) == count:
            return found
    return found


def log(board: LiveState, *messages: str) -> None:
    items = [NOTHING._replace(time_us=int(NOON_S) * SECOND_US, message=message) for message in messages]
    board.observe(items, NOON_S)


async def test_first_event_comes_at_once_with_the_whole_minute() -> None:
    board = reported(point({RATE: 5}, sent("trace", Message="a line")))
    began_s = time.monotonic()
    ((number, data),) = await events(LiveStreams(asyncio.Event()).open(looking(board), 0), 1)
    assert time.monotonic() - began_s < 0.5
    assert number == "1"
    assert data["figures"]["requests_per_second"] == {"number": "5.0", "unit": "/s"}
    assert data["series"]["requests_per_second"][-1] == 5
    assert len(data["series"]["requests_per_second"]) == 60
    assert [one["name"] for one in data["documents"]] == ["a line"]


async def test_documents_come_once_and_none_is_missed_after_the_connection_was_lost() -> None:
    board = LiveState()
    streams = LiveStreams(asyncio.Event())
    log(board, "1", "2")
    ((seen, data),) = await events(streams.open(looking(board), 0), 1)
    assert [one["name"] for one in data["documents"]] == ["2", "1"]
    log(board, "3")
    ((seen, data),) = await events(streams.open(looking(board), int(seen)), 1)
    assert [one["name"] for one in data["documents"]] == ["3"]
    ((again, data),) = await events(streams.open(looking(board), int(seen)), 1)
    assert (again, data["documents"]) == (seen, [])


async def test_events_follow_the_end_of_each_second() -> None:
    streams = LiveStreams(asyncio.Event())
    moments = []
    async for part in streams.open(looking(LiveState()), 0):
        if b"data:" in part:
            moments.append(time.time())
        if len(moments) == 3:
            break
    assert all(moment % 1 < 0.3 for moment in moments[1:])
    assert int(moments[2]) - int(moments[1]) == 1


async def test_open_streams_end_when_the_server_stops() -> None:
    stopping = asyncio.Event()
    streams = LiveStreams(stopping)
    readers = [asyncio.create_task(events(streams.open(looking(LiveState()), 0), 100)) for _ in range(5)]
    await asyncio.sleep(0)
    began_s = time.monotonic()
    stopping.set()
    await asyncio.gather(*readers)
    assert time.monotonic() - began_s < 0.3


async def test_streams_are_bounded_and_room_comes_back() -> None:
    streams = LiveStreams(asyncio.Event())
    opened = [streams.open(looking(LiveState()), 0) for _ in range(MAX_STREAMS)]
    for stream in opened:
        await anext(stream)
    with pytest.raises(TooManyStreamsError):
        streams.open(looking(LiveState()), 0)
    await opened[0].aclose()  # type: ignore[attr-defined] # it is a generator
    assert len(await events(streams.open(looking(LiveState()), 0), 1)) == 1


async def test_text_that_no_utf_8_can_hold_does_not_end_the_stream() -> None:
    board = LiveState()
    log(board, "cut short \ud83d")
    assert len(await events(LiveStreams(asyncio.Event()).open(looking(board), 0), 1)) == 1
