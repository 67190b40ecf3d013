"""A body is received: read as it arrives, understood, kept, and receipted."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from local_insights.ingest.batch import BAD_REQUEST, read_batch
from local_insights.ingest.chunks import Chunk, ChunkReader
from local_insights.ingest.decompress import GZIP_MAGIC, STEP_BYTES, UnreadableBodyError
from local_insights.ingest.item_splitter import MAX_ITEMS
from local_insights.ingest.memory_budget import Reservation
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.stats import IngestStats
from local_insights.ingest.track_response import ItemError, TrackResponse
from local_insights.model.app_id import app_id
from local_insights.model.item import Item

T = TypeVar("T")
Keep = Callable[[Sequence[Item]], Awaitable[None]]
_SMALL_GZIP_BYTES = 16 * 1024
"""Expands to 16 MB at most, within milliseconds."""
_DONE = b"done"


class Receiver:
    """Receives bodies of telemetry.

    What takes more than a few milliseconds happens on another thread, one body at a time: more threads would not be
    faster, and each may need twenty times its text while odd JSON is read.

    Args:
        intake: what is taken.
        counts: is told what came.
    """

    def __init__(self, intake: IngestPolicy, counts: IngestStats) -> None:
        self._intake = intake
        self._counts = counts
        self._one_at_a_time = CapacityLimiter(1)

    async def receive(self, body: AsyncIterator[bytes], share: Reservation, keep: Keep) -> TrackResponse:
        """Read a body to its end and keep what is good of it.

        Args:
            body: parts, as they arrive.
            share: holds what is in memory until it is kept.
            keep: is given the items, for a body of many MB in several calls.

        Raises:
            StoreUnavailableError: the items cannot be kept now. Of a body that comes in pieces, some may have been:
                its sender will send them again.
        """
        pieces = ChunkReader()
        receipt = TrackResponse(0, 0, [], "")
        waiting: list[bytes] = []
        waiting_bytes = 0
        async for part in body:
            waiting.append(part)
            waiting_bytes += len(part)
            share.hold(pieces.buffered_bytes + waiting_bytes)
            if waiting_bytes >= STEP_BYTES:
                await self._work_through(pieces, b"".join(waiting), share, keep, receipt)
                waiting = []
                waiting_bytes = 0
            if pieces.damage:
                break
        await self._work_through(pieces, b"".join(waiting), share, keep, receipt)
        await self._take(pieces.end(), pieces, keep, receipt)
        if pieces.damage:
            receipt.add(TrackResponse(1, 0, [ItemError(0, BAD_REQUEST, pieces.damage)], app_id("")))
            self._counts.items_rejected += 1
        return receipt

    async def _work_through(
        self, pieces: ChunkReader, part: bytes, share: Reservation, keep: Keep, receipt: TrackResponse
    ) -> None:
        is_small = len(part) <= _SMALL_GZIP_BYTES or (len(part) < STEP_BYTES and not part.startswith(GZIP_MAGIC))
        steps = pieces.feed(part)
        while True:
            step = next(steps, _DONE) if is_small else await self.run_in_worker(next, steps, _DONE)
            if step is _DONE:
                return
            if step is None:
                share.hold(pieces.buffered_bytes + len(part))
            else:
                await self._take(step, pieces, keep, receipt)
                if pieces.damage:
                    return

    async def take(self, piece: Chunk, keep: Keep, receipt: TrackResponse) -> None:
        """Understand a piece, keep what is good of it, and go on with the receipt.

        Raises:
            StoreUnavailableError: the items cannot be kept now.
            UnreadableBodyError: see `read_batch`.
        """
        if isinstance(piece, bytes) and len(piece) < STEP_BYTES:
            batch = read_batch(piece, self._intake)
        else:
            batch = await self.run_in_worker(read_batch, piece, self._intake)
        await keep(batch.items)
        self._counts.add(batch)
        receipt.add(batch.receipt)

    async def run_in_worker(self, work: Callable[..., T], *arguments: object) -> T:
        """Do work that takes its time on another thread, after all work that was given before."""
        return await to_thread.run_sync(work, *arguments, limiter=self._one_at_a_time)

    async def _take(self, piece: Chunk, pieces: ChunkReader, keep: Keep, receipt: TrackResponse) -> None:
        try:
            await self.take(piece, keep, receipt)
        except UnreadableBodyError as error:
            pieces.damage = str(error)
        if len(receipt.errors) > MAX_ITEMS:
            pieces.damage = f"expected telemetry, got more than {MAX_ITEMS:,} items that are none"
