"""`GET /export`: all that is stored, to be kept elsewhere or sent to another server."""

import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from local_insights.backup.envelopes import envelope_line
from local_insights.http.query_params import QueryError, time_query
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store

ITEMS_AT_ONCE = 5_000
BEFORE_THE_FIRST_ROW = -1
_GZIP = 16 + zlib.MAX_WBITS
_FASTEST = 1
_EVERYTHING = TimeRange(-(2**62), 2**62)


def backup_routes(store: Store) -> list[BaseRoute]:
    """The route for `GET /export`, with `since`, or `from` and `to`; without them it gives everything.

    The answer is a gzip file of envelopes, one a line, in the order in which they were stored: what `POST /v2.1/track`
    takes. Items that arrive meanwhile may be in it.
    """

    async def export(request: Request) -> Response:
        now = datetime.now(UTC)
        try:
            time_range = time_query(request.query_params, now).time_range if request.query_params else _EVERYTHING
        except QueryError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, str(error)) from error
        parts = _compressed(store, time_range)
        first = await anext(parts)  # before the status is sent: what fails here is still answered as a problem
        file_name = f"local-insights-{now:%Y%m%d-%H%M%S}.jsonl.gz"
        return StreamingResponse(
            _chained(first, parts),
            media_type="application/gzip",
            headers={"content-disposition": f'attachment; filename="{file_name}"'},
        )

    return [Route("/export", export)]


async def _compressed(store: Store, time_range: TimeRange) -> AsyncIterator[bytes]:
    compressor = zlib.compressobj(_FASTEST, wbits=_GZIP)
    row = BEFORE_THE_FIRST_ROW

    def compress_more() -> tuple[int, bytes]:
        stored = store.stored_items(row, time_range, ITEMS_AT_ONCE)
        lines = b"".join(envelope_line(item) for _, item in stored)
        return (stored[-1][0], compressor.compress(lines)) if stored else (row, b"")

    while True:
        next_row, compressed = await run_in_threadpool(compress_more)
        if next_row == row:
            break
        row = next_row
        yield compressed
    yield compressor.flush()


async def _chained(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in others:
        yield part
