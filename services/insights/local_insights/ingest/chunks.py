"""A body of any size, as it arrives, in pieces that fit into memory.

SDKs send a few hundred KB, which stay one piece. What is larger is taken apart while it arrives, so that neither a long
body nor a small one that expands to a long one has to be refused: refused telemetry is lost telemetry.
"""

import codecs
from collections.abc import Iterator

from local_insights.ingest.decompress import Decompressor, UnreadableBodyError
from local_insights.ingest.item_splitter import ItemSplitter, strip_body

CHUNK_BYTES = 4 * 1024 * 1024
"""A body that expands to no more is one piece."""
MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024
"""Nobody sends more than this to have it read. What comes before the limit is kept."""
_CHUNK_ITEMS = 10_000

Chunk = bytes | list[bytes]
"""The text of a whole body, or the texts of some of its items."""


class ChunkReader:
    """Cuts a body into pieces. Every step costs a bounded amount of time and memory."""

    def __init__(self) -> None:
        self._expander = Decompressor()
        self._splitter: ItemSplitter | None = None
        self._texts: list[bytes] = []
        self._elements: list[bytes] = []
        self._held_bytes = 0
        self._expanded_bytes = 0
        self.damage = ""
        """Why nothing of the body can be read from some byte on."""

    @property
    def buffered_bytes(self) -> int:
        """What is held of the body now."""
        return self._held_bytes + (self._splitter.buffered_bytes if self._splitter else 0)

    def feed(self, part: bytes) -> Iterator[Chunk | None]:
        """Work through the next part; None stands for a step that completed no piece."""
        if self.damage:
            return
        try:
            for text in self._expander.feed(part):
                yield from self._take(text)
                yield None
                self._expanded_bytes += len(text)
                if self._expanded_bytes > MAX_DECOMPRESSED_BYTES:
                    self.damage = f"expected at most {MAX_DECOMPRESSED_BYTES:,} bytes, got a body that expands to more"
                    return
        except UnreadableBodyError as error:
            self.damage = str(error)

    def end(self) -> Chunk:
        """The last piece, or the only one."""
        try:
            self._texts.append(self._expander.end())
        except UnreadableBodyError as error:
            self.damage = self.damage or str(error)
        if self._splitter is None:
            return strip_body(b"".join(self._texts))
        self._elements += self._splitter.end()
        return self._cut()

    def _take(self, text: bytes) -> Iterator[Chunk]:
        if self._splitter is None:
            self._texts.append(text)
            self._held_bytes += len(text)
            if self._held_bytes <= CHUNK_BYTES:
                return
            text = b"".join(self._texts).removeprefix(codecs.BOM_UTF8).lstrip()
            self._texts = []
            self._held_bytes = 0
            if not text:
                return
            self._splitter = ItemSplitter(text)
        for element in self._splitter.feed(text):
            self._elements.append(element)
            self._held_bytes += len(element)
            if self._held_bytes > CHUNK_BYTES or len(self._elements) >= _CHUNK_ITEMS:
                yield self._cut()

    def _cut(self) -> list[bytes]:
        piece, self._elements, self._held_bytes = self._elements, [], 0
        return piece
