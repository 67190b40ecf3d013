"""Splits a body of any size, while it arrives, into chunks of bounded size.

SDKs send a few hundred KB, which is one chunk. A larger body is split on arrival, and its items are ingested chunk by
chunk, up to the limit of the decompressed size. Reading ends at the limit, so a gzip bomb is stopped there.
"""

import codecs
from collections.abc import Iterator

from local_insights.ingest.decompress import Decompressor, UnreadableBodyError
from local_insights.ingest.item_splitter import ItemSplitter, strip_body

CHUNK_BYTES = 4 * 1024 * 1024
"""A decompressed body up to this size is one chunk."""
MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024
"""The limit of a decompressed body (gzip bomb). Items before the limit are ingested: an SDK deletes rejected items."""
_CHUNK_ITEMS = 10_000
_WIDE_CHARACTERS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\0", b"[\0", b"{\0")
"""Beginnings of texts in UTF-16 or UTF-32, with and without a byte order mark."""
_NOT_UTF_8 = "expected telemetry in UTF-8, got UTF-16 or UTF-32"

Chunk = bytes | list[bytes]
"""The text of a whole body, or the texts of some of its items."""


class ChunkReader:
    """Decompresses a body and splits it into chunks. Every step takes a bounded amount of time and memory.

    Args:
        content_encoding: the header of the body, or an empty text.
    """

    def __init__(self, content_encoding: str = "") -> None:
        self._decompressor = Decompressor(content_encoding)
        self._splitter: ItemSplitter | None = None
        self._texts: list[bytes] = []
        self._items: list[bytes] = []
        self._buffered_bytes = 0
        self._decompressed_bytes = 0
        self.error = ""
        """Why the rest of the body cannot be read; empty while it can."""

    @property
    def buffered_bytes(self) -> int:
        """The number of bytes of the body in memory."""
        return self._buffered_bytes + (self._splitter.buffered_bytes if self._splitter else 0)

    def encoding(self, next_part: bytes) -> str:
        """Return how the body is compressed; see `decompress.encoding_of`."""
        return self._decompressor.encoding(next_part)

    def feed(self, part: bytes) -> Iterator[Chunk | None]:
        """Process the next part in steps. Yield the chunk that a step completed, or None.

        Raises:
            UnsupportedEncodingError: see `decompress.encoding_of`.
        """
        if self.error:
            return
        try:
            for text in self._decompressor.feed(part):
                yield from self._add(text)
                yield None
                self._decompressed_bytes += len(text)
                if self._decompressed_bytes > MAX_DECOMPRESSED_BYTES:
                    self.error = f"expected at most {MAX_DECOMPRESSED_BYTES:,} decompressed bytes, got more"
                    return
        except UnreadableBodyError as error:
            self.error = str(error)

    def end(self) -> Chunk:
        """Return the last chunk, or the only one."""
        try:
            self._texts.append(self._decompressor.end())
        except UnreadableBodyError as error:
            self.error = self.error or str(error)
        if self._splitter is None:
            return strip_body(b"".join(self._texts))
        self._items += self._splitter.end()
        return self._take_chunk()

    def _add(self, text: bytes) -> Iterator[Chunk]:
        if not self._decompressed_bytes and text.startswith(_WIDE_CHARACTERS):
            raise UnreadableBodyError(_NOT_UTF_8)
        if self._splitter is None:
            self._texts.append(text)
            self._buffered_bytes += len(text)
            if self._buffered_bytes <= CHUNK_BYTES:
                return
            text = b"".join(self._texts).removeprefix(codecs.BOM_UTF8).lstrip()
            self._texts = []
            self._buffered_bytes = 0
            if not text:
                return
            self._splitter = ItemSplitter(text)
        for item in self._splitter.feed(text):
            self._items.append(item)
            self._buffered_bytes += len(item)
            if self._buffered_bytes > CHUNK_BYTES or len(self._items) >= _CHUNK_ITEMS:
                yield self._take_chunk()

    def _take_chunk(self) -> list[bytes]:
        chunk, self._items, self._buffered_bytes = self._items, [], 0
        return chunk
