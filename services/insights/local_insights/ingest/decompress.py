"""A request's body without its compression, however much that is.

Headers are not asked: some proxies unpack what still says `Content-Encoding: gzip`. The first two bytes tell.
"""

import zlib
from collections.abc import Iterator

STEP_BYTES = 256 * 1024
"""No more than this is decompressed at a time."""
GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class BodyTooLargeError(Exception):
    """The body, or what it expands to, is beyond the limit."""


class UnreadableBodyError(Exception):
    """The body is damaged as a whole, or from some byte on; what comes there cannot be told apart."""


class Decompressor:
    """Expands a body that arrives in parts. A body that is not compressed passes through."""

    def __init__(self) -> None:
        self._beginning: bytes | None = b""
        self._member: zlib._Decompress | None = None

    def feed(self, part: bytes) -> Iterator[bytes]:
        """What the next part expands to, in steps of `STEP_BYTES` at most.

        Raises:
            UnreadableBodyError: the compressed data are damaged. What came before is good.
        """
        if self._beginning is not None:
            part = self._beginning + part
            self._beginning = part if len(part) < len(GZIP_MAGIC) else None
            if self._beginning is not None:
                return
            if part.startswith(GZIP_MAGIC):
                self._member = zlib.decompressobj(_GZIP_WINDOW)
        if self._member is None:
            yield part
        else:
            yield from self._expanded(self._member, part)

    def end(self) -> bytes:
        """What is left once the last part was fed.

        Raises:
            UnreadableBodyError: the compressed data break off.
        """
        if self._member is not None and not self._member.eof:
            message = "expected gzip, got one that breaks off"
            raise UnreadableBodyError(message)
        return self._beginning or b""

    def _expanded(self, member: "zlib._Decompress", part: bytes) -> Iterator[bytes]:
        """Any number of gzip members one after another; zeros behind one are padding."""
        while True:
            if member.eof:
                part = part.lstrip(b"\0")
                if not part:
                    return
                member = self._member = zlib.decompressobj(_GZIP_WINDOW)
            try:
                text = member.decompress(part, STEP_BYTES)
            except zlib.error as error:
                message = f"expected gzip: {error}"
                raise UnreadableBodyError(message) from error
            part = member.unused_data if member.eof else member.unconsumed_tail
            if text:
                yield text
            elif not part:
                return


def decompress(body: bytes, limit_bytes: int) -> bytes:
    """A whole body without compression.

    Raises:
        BodyTooLargeError: it expands beyond the limit. No more than the limit and a step is ever held.
        UnreadableBodyError: the compressed data are damaged.
    """
    expander = Decompressor()
    texts = []
    size = 0
    for text in expander.feed(body):
        size += len(text)
        if size > limit_bytes:
            message = f"the body expands to more than {limit_bytes} bytes"
            raise BodyTooLargeError(message)
        texts.append(text)
    return b"".join(texts) + expander.end()
