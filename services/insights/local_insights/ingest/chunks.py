"""A body of any size, as it arrives, in pieces that fit into memory.

SDKs send a few hundred KB, which stay one piece. What is larger is taken apart while it arrives, so that neither a long
body nor a small one that expands to a long one has to be refused: refused telemetry is lost telemetry.
"""

import codecs
from collections.abc import Iterator

from local_insights.ingest.elements import Splitter, plain
from local_insights.ingest.expand import Expander, UnreadableBodyError

PIECE_BYTES = 4 * 1024 * 1024
"""A body that expands to no more is one piece."""
MAX_EXPANDED_BYTES = 256 * 1024 * 1024
"""Nobody sends more than this to have it read. What comes before the limit is kept."""
_PIECE_ELEMENTS = 10_000

Piece = bytes | list[bytes]
"""The text of a whole body, or the texts of some of its items."""


class Pieces:
    """Cuts a body into pieces. Every step costs a bounded amount of time and memory."""

    def __init__(self) -> None:
        self._expander = Expander()
        self._splitter: Splitter | None = None
        self._texts: list[bytes] = []
        self._elements: list[bytes] = []
        self._held_bytes = 0
        self._expanded_bytes = 0
        self.damage = ""
        """Why nothing of the body can be read from some byte on."""

    @property
    def held_bytes(self) -> int:
        """What is held of the body now."""
        return self._held_bytes + (self._splitter.held_bytes if self._splitter else 0)

    def feed(self, part: bytes) -> Iterator[Piece | None]:
        """Work through the next part; None stands for a step that completed no piece."""
        if self.damage:
            return
        try:
            for text in self._expander.feed(part):
                yield from self._take(text)
                yield None
                self._expanded_bytes += len(text)
                if self._expanded_bytes > MAX_EXPANDED_BYTES:
                    self.damage = f"expected at most {MAX_EXPANDED_BYTES:,} bytes, got a body that expands to more"
                    return
        except UnreadableBodyError as error:
            self.damage = str(error)

    def end(self) -> Piece:
        """The last piece, or the only one."""
        try:
            self._texts.append(self._expander.end())
        except UnreadableBodyError as error:
            self.damage = self.damage or str(error)
        if self._splitter is None:
            return plain(b"".join(self._texts))
        self._elements += self._splitter.end()
        return self._cut()

    def _take(self, text: bytes) -> Iterator[Piece]:
        if self._splitter is None:
            self._texts.append(text)
            self._held_bytes += len(text)
            if self._held_bytes <= PIECE_BYTES:
                return
            text = b"".join(self._texts).removeprefix(codecs.BOM_UTF8).lstrip()
            self._texts = []
            self._held_bytes = 0
            if not text:
                return
            self._splitter = Splitter(text)
        for element in self._splitter.feed(text):
            self._elements.append(element)
            self._held_bytes += len(element)
            if self._held_bytes > PIECE_BYTES or len(self._elements) >= _PIECE_ELEMENTS:
                yield self._cut()

    def _cut(self) -> list[bytes]:
        piece, self._elements, self._held_bytes = self._elements, [], 0
        return piece
