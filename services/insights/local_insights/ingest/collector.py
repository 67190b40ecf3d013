"""The collector: reads request bodies as they arrive, stores their items and counts them.

Every protocol uses it: Application Insights (`ingest.routes`) and OpenTelemetry (`ingest.otlp.routes`).
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from local_insights.ingest.batch import BAD_REQUEST, Batch, read_batch
from local_insights.ingest.chunks import Chunk, ChunkReader
from local_insights.ingest.decompress import STEP_BYTES, Decompressor, UnreadableBodyError, UnsupportedEncodingError
from local_insights.ingest.item_splitter import MAX_ITEMS
from local_insights.ingest.memory_budget import MemoryBudget, Reservation
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.rejections import Rejections
from local_insights.ingest.stats import IngestStats
from local_insights.ingest.track_response import ItemError, TrackResponse
from local_insights.model.app_id import app_id
from local_insights.model.live.live_state import LiveFeed
from local_insights.store.contract import ItemWriter, StoreUnavailableError
from local_insights.store.identity import RequestItems

T = TypeVar("T")
_SMALL_GZIP_BYTES = 16 * 1024
"""Decompresses to 16 MB at most, within milliseconds."""
_INLINE_BYTES = {"": STEP_BYTES, "zstd": 0}
"""Sizes of parts that are processed on the event loop, by compression. Few bytes of zstd can become hundreds of MB."""
_DONE = b"done"


class Collector:
    """Ingests telemetry of every protocol: one object for the whole server.

    Work of more than a few milliseconds runs in a worker thread, for one body at a time: more threads would not be
    faster, and each may need twenty times the size of its text while malformed JSON is read.

    Args:
        store: commits the items.
        policy: decides which items are accepted.
        budget: limits the memory of all concurrent requests.
        stats: counts items and requests.
        feed: receives committed items, for Live Metrics.
    """

    def __init__(
        self,
        store: ItemWriter,
        policy: IngestPolicy,
        budget: MemoryBudget,
        stats: IngestStats,
        feed: LiveFeed,
    ) -> None:
        self.stats = stats
        self.rejections = Rejections()
        self._store = store
        self._policy = policy
        self._budget = budget
        self._feed = feed
        self._one_at_a_time = CapacityLimiter(1)

    @contextmanager
    def reception(self, content_encoding: str = "", *, dry_run: bool = False) -> Iterator["Reception"]:
        """Receive one request body within a block. Its memory is released at the end of the block.

        Args:
            content_encoding: the header of the body, or an empty text.
            dry_run: validate the items, but neither store nor count them.

        Raises:
            StoreUnavailableError: from the block; the request is counted as deferred.
            UnreadableBodyError: from the block; the body is counted as one rejected item.
            UnsupportedEncodingError: from the block; the same applies.
        """
        with self._budget.reservation() as reservation:
            try:
                yield Reception(self, reservation, content_encoding, dry_run=dry_run)
            except StoreUnavailableError:
                self.stats.requests_deferred += 1
                raise
            except (UnreadableBodyError, UnsupportedEncodingError):
                self.stats.items_rejected += 1
                raise

    async def read(self, chunk: Chunk) -> Batch:
        """Read the items of a chunk, in the worker thread when the chunk is large.

        Raises:
            UnreadableBodyError: see `read_batch`.
        """
        if isinstance(chunk, bytes) and len(chunk) < STEP_BYTES:
            return read_batch(chunk, self._policy)
        return await self.run_in_worker(read_batch, chunk, self._policy)

    async def commit(self, batch: Batch, request: RequestItems) -> None:
        """Store the items of a batch, then show the new ones in Live Metrics and count them.

        Args:
            batch: the batch.
            request: the items of the same request that are already stored.

        Raises:
            StoreUnavailableError: the items cannot be stored now.
        """
        stored = await self._store.append(batch.items, request)
        self._feed.observe(stored, time.time())
        self.stats.add(batch, len(stored))

    async def run_in_worker(self, work: Callable[..., T], *arguments: object) -> T:
        """Run long work in the worker thread, in the order of the calls."""
        return await to_thread.run_sync(work, *arguments, limiter=self._one_at_a_time)


class Reception:
    """One request body that is being received; see `Collector.reception`.

    Args:
        collector: reads and commits the items.
        reservation: the memory for the body.
        content_encoding: the header of the body, or an empty text.
        dry_run: validate the items, but neither store nor count them.
    """

    def __init__(
        self, collector: Collector, reservation: Reservation, content_encoding: str = "", *, dry_run: bool = False
    ) -> None:
        self._collector = collector
        self._reservation = reservation
        self._dry_run = dry_run
        self._content_encoding = content_encoding
        self._chunks = ChunkReader(content_encoding)
        self._stored = RequestItems()
        self.response = TrackResponse(0, 0, [], "")
        """The response to the items so far."""
        self.sdk_version = ""
        """The SDK of the first rejected item, if it states one."""

    async def receive(self, body: AsyncIterator[bytes]) -> TrackResponse:
        """Read a body of envelopes to its end, and ingest its items. Return the response.

        Raises:
            StoreUnavailableError: the items cannot be stored now. Of a body with several chunks, some items may be
                stored already; the SDK sends them again.
            UnsupportedEncodingError: the compression of the body is not supported.
        """
        waiting: list[bytes] = []
        waiting_bytes = 0
        async for part in body:
            waiting.append(part)
            waiting_bytes += len(part)
            self._reservation.resize(self._chunks.buffered_bytes + waiting_bytes)
            if waiting_bytes >= STEP_BYTES:
                await self._process(b"".join(waiting))
                waiting = []
                waiting_bytes = 0
            if self._chunks.error:
                break
        await self._process(b"".join(waiting))
        self._stored.has_more = False
        await self._ingest_chunk(self._chunks.end())
        if self._chunks.error:
            error = ItemError(0, BAD_REQUEST, self._chunks.error)
            self.response.add(TrackResponse(1, 0, [error], app_id("")))
            if not self._dry_run:
                self._collector.stats.items_rejected += 1
        return self.response

    async def decompress(self, body: AsyncIterator[bytes]) -> bytes:
        """Return a whole body without compression, within the memory budget: a bomb ends with 503.

        Raises:
            StoreUnavailableError: the body exceeds the available memory.
            UnreadableBodyError: the compressed data are damaged or truncated.
            UnsupportedEncodingError: the compression of the body is not supported.
        """
        decompressor = Decompressor(self._content_encoding)
        texts: list[bytes] = []
        size = 0
        async for part in body:
            steps = decompressor.feed(part)
            while (text := await self._collector.run_in_worker(next, steps, None)) is not None:
                texts.append(text)
                size += len(text)
                self._reservation.resize(size)
        return b"".join(texts) + decompressor.end()

    async def ingest(self, chunk: Chunk) -> None:
        """Read the items of a chunk, commit them and extend the response.

        Raises:
            StoreUnavailableError: the items cannot be stored now.
            UnreadableBodyError: see `read_batch`.
        """
        batch = await self._collector.read(chunk)
        if not self._dry_run:
            await self._collector.commit(batch, self._stored)
        self.response.add(batch.response)
        self.sdk_version = self.sdk_version or batch.sdk_version

    async def _process(self, part: bytes) -> None:
        """Ingest the chunks that a part of the body completes."""
        is_small = len(part) < _INLINE_BYTES.get(self._chunks.encoding(part), _SMALL_GZIP_BYTES)
        steps = self._chunks.feed(part)
        while True:
            step = next(steps, _DONE) if is_small else await self._collector.run_in_worker(next, steps, _DONE)
            if step is _DONE:
                return
            if step is None:
                self._reservation.resize(self._chunks.buffered_bytes + len(part))
            else:
                await self._ingest_chunk(step)
                if self._chunks.error:
                    return

    async def _ingest_chunk(self, chunk: Chunk) -> None:
        try:
            await self.ingest(chunk)
        except UnreadableBodyError as error:
            self._chunks.error = str(error)
        if len(self.response.errors) > MAX_ITEMS:
            self._chunks.error = f"expected telemetry, got more than {MAX_ITEMS:,} items that are not telemetry"
