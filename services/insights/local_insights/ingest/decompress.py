"""Decompression of request bodies in bounded steps, so that a gzip bomb cannot exhaust the memory.

The `Content-Encoding` header is ignored, because some proxies decompress a body and leave the header. The first two
bytes of the body decide.
"""

import zlib
from collections.abc import Iterator

from local_insights.http.gzip_format import GZIP_MAGIC, GZIP_WBITS

STEP_BYTES = 256 * 1024
"""The largest output of one decompression step."""


class BodyTooLargeError(Exception):
    """The body, or its decompressed form, exceeds the limit."""


class UnreadableBodyError(Exception):
    """The body is damaged, entirely or from some byte on. The rest of it cannot be split into items."""


class Decompressor:
    """Decompresses a body that arrives in parts. A body without compression passes through unchanged."""

    def __init__(self) -> None:
        self._beginning: bytes | None = b""
        self._member: zlib._Decompress | None = None

    def feed(self, part: bytes) -> Iterator[bytes]:
        """Yield the decompressed form of the next part, at most `STEP_BYTES` at a time.

        Raises:
            UnreadableBodyError: the compressed data are damaged. Everything yielded before is valid.
        """
        if self._beginning is not None:
            part = self._beginning + part
            self._beginning = part if len(part) < len(GZIP_MAGIC) else None
            if self._beginning is not None:
                return
            if part.startswith(GZIP_MAGIC):
                self._member = zlib.decompressobj(GZIP_WBITS)
        if self._member is None:
            yield part
        else:
            yield from self._decompress(self._member, part)

    def end(self) -> bytes:
        """Return the remaining bytes after the last part.

        Raises:
            UnreadableBodyError: the compressed data are truncated.
        """
        if self._member is not None and not self._member.eof:
            message = "truncated gzip"
            raise UnreadableBodyError(message)
        return self._beginning or b""

    def _decompress(self, member: "zlib._Decompress", part: bytes) -> Iterator[bytes]:
        """Decompress any number of consecutive gzip members. Zeros after a member are padding."""
        while True:
            if member.eof:
                part = part.lstrip(b"\0")
                if not part:
                    return
                member = self._member = zlib.decompressobj(GZIP_WBITS)
            try:
                text = member.decompress(part, STEP_BYTES)
            except zlib.error as error:
                message = f"invalid gzip: {error}"
                raise UnreadableBodyError(message) from error
            part = member.unused_data if member.eof else member.unconsumed_tail
            if text:
                yield text
            elif not part:
                return


def decompress(body: bytes, limit_bytes: int) -> bytes:
    """Return a whole body without compression.

    A gzip bomb is stopped at the limit: at most the limit and one step are in memory. This function is for bodies that
    have to be read as a whole; bodies of `/v2.1/track` are limited in `chunks`.

    Raises:
        BodyTooLargeError: the decompressed body exceeds the limit.
        UnreadableBodyError: the compressed data are damaged or truncated.
    """
    decompressor = Decompressor()
    texts = []
    size = 0
    for text in decompressor.feed(body):
        size += len(text)
        if size > limit_bytes:
            message = f"the decompressed body exceeds {limit_bytes} bytes"
            raise BodyTooLargeError(message)
        texts.append(text)
    return b"".join(texts) + decompressor.end()
