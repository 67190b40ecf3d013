"""`GET /export`: the stored items as a gzip file of envelopes."""

import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from local_insights.backup.envelopes import envelope_line
from local_insights.http.gzip_format import GZIP_WBITS
from local_insights.http.query_params import require_bounded, time_query
from local_insights.model.time_range import ALL_TIME, TimeRange
from local_insights.store.contract import ItemReader

MAX_CHUNK_ITEMS = 5_000
FIRST_CHUNK_ITEMS = 100
CHUNK_BYTES = 4 * 1024 * 1024
"""Approximate size of the lines that are in memory at a time. Eight exports run concurrently."""
_MAX_GROWTH = 4
BEFORE_FIRST_ROW = -1
_FASTEST = 1


def backup_routes(store: ItemReader) -> list[BaseRoute]:
    """Return the route `GET /export`. Parameters: `since`, or `from` and `to`; without them it exports all items.

    The response is a gzip file with one envelope per line, in the order of storage. `POST /v2.1/track` accepts the
    lines. Items that arrive during the export may be included.
    """

    async def export(request: Request) -> Response:
        now = datetime.now(UTC)
        require_bounded(request.query_params)
        time_range = time_query(request.query_params, now).time_range if request.query_params else ALL_TIME
        chunks = _gzip_chunks(store, time_range)
        first = await anext(chunks)  # before the status is sent, so that an error still becomes a problem document
        file_name = f"local-insights-{now:%Y%m%d-%H%M%S}.jsonl.gz"
        return StreamingResponse(
            _chain(first, chunks),
            media_type="application/gzip",
            headers={"content-disposition": f'attachment; filename="{file_name}"'},
        )

    return [Route("/export", export)]


async def _gzip_chunks(store: ItemReader, time_range: TimeRange) -> AsyncIterator[bytes]:
    compressor = zlib.compressobj(_FASTEST, wbits=GZIP_WBITS)
    row = BEFORE_FIRST_ROW
    limit = FIRST_CHUNK_ITEMS

    def compress_more() -> tuple[int, int, bytes]:
        stored = store.stored_items(row, time_range, limit)
        lines = b"".join(envelope_line(item) for _, item in stored)
        return (stored[-1][0], len(lines), compressor.compress(lines)) if stored else (row, 0, b"")

    while True:
        next_row, size, compressed = await run_in_threadpool(compress_more)
        if next_row == row:
            break
        row = next_row
        limit = next_limit(limit, size)
        yield compressed
    yield compressor.flush()


def next_limit(limit: int, size: int) -> int:
    """Return the number of items of the next chunk.

    Args:
        limit: the number of items of the last chunk.
        size: the size of their lines in bytes, at least 1.
    """
    return max(1, min(MAX_CHUNK_ITEMS, limit * _MAX_GROWTH, limit * CHUNK_BYTES // size))


async def _chain(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in others:
        yield chunk
