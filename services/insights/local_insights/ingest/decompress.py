"""Decompression of request bodies in bounded steps, so that a small body cannot exhaust the memory.

The first bytes of the body decide how it is compressed. The header `Content-Encoding` decides only what bytes cannot
show, because some proxies decompress a body and leave the header.

Reference:
    RFC 1950 (zlib), RFC 1951 (deflate), RFC 1952 (gzip), RFC 8878 (Zstandard); RFC 9110, section 8.4.1.2: `deflate` is
    the zlib format, but some clients send the deflate format without it.
"""

import sys
import zlib
from collections.abc import Iterator
from typing import Protocol

from local_insights.http.gzip_format import GZIP_MAGIC, GZIP_WBITS

STEP_BYTES = 256 * 1024
"""The largest output of one decompression step."""
ACCEPTED_ENCODINGS = "gzip, zstd, deflate"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_MAGIC_BYTES = len(_ZSTD_MAGIC)
_PLAIN_STARTS = b"[{ \t\r\n\xef"
"""First bytes of JSON, and of OTLP in protobuf, which begins with 0x0a."""
_ZSTD_WINDOW_LOG = 23
"""The largest window that a decoder should support (8 MiB), which limits the memory of one body."""


class BodyTooLargeError(Exception):
    """The body, or its decompressed form, exceeds the limit."""


class UnreadableBodyError(Exception):
    """The body is damaged, entirely or from some byte on. The rest of it cannot be split into items."""


class UnsupportedEncodingError(Exception):
    """The body has a compression that is not supported, or does not begin with the compression that its header names.

    Reference:
        RFC 9110, section 15.5.16: status 415 can be the result of inspecting the data directly.
    """


def encoding_of(beginning: bytes, content_encoding: str) -> str:
    """Return how a body is compressed: `gzip`, `zstd`, `zlib`, `deflate` (without the zlib format), or an empty text.

    Args:
        beginning: the first four bytes or more, fewer only if the body is shorter.
        content_encoding: the header, or an empty text.

    Raises:
        UnsupportedEncodingError: the body is neither compressed with one of these nor plain text, or it is compressed
            several times.
    """
    named = content_encoding.strip().lower()
    if "," in named:
        codings = [coding for part in named.split(",") if (coding := part.strip()) not in {"", "identity"}]
        if len(codings) > 1 and beginning and beginning[0] not in _PLAIN_STARTS:
            raise _unsupported(named)
        named = "".join(codings[:1])
    if beginning.startswith(GZIP_MAGIC):
        return "gzip"
    if beginning.startswith(_ZSTD_MAGIC):
        return "zstd"
    if _is_zlib(beginning):
        return "zlib"
    if named in {"", "identity", "gzip", "x-gzip", "zstd"} or not beginning or beginning[0] in _PLAIN_STARTS:
        return ""
    if named == "deflate":
        return "deflate"
    raise _unsupported(named)


def _unsupported(named: str) -> UnsupportedEncodingError:
    return UnsupportedEncodingError(f"Content-Encoding: expected {ACCEPTED_ENCODINGS} or none, got {named[:80]!r}")


def _is_zlib(beginning: bytes) -> bool:
    """Return whether the first two bytes are a header of zlib: method 8 and a checksum. No JSON begins like that."""
    return len(beginning) > 1 and beginning[0] & 0x8F == 8 and int.from_bytes(beginning[:2], "big") % 31 == 0  # noqa: PLR2004


class _Member(Protocol):
    """A compressed stream, which ends by itself."""

    @property
    def eof(self) -> bool: ...

    def step(self, part: bytes) -> tuple[bytes, bytes]:
        """Return at most `STEP_BYTES` of output, and the input that is left. No output and no input: feed more.

        Raises:
            UnreadableBodyError: the data are damaged.
        """


class _Zlib:
    """A member of gzip, zlib or deflate."""

    def __init__(self, encoding: str) -> None:
        self._name = encoding
        wbits = {"gzip": GZIP_WBITS, "zlib": zlib.MAX_WBITS, "deflate": -zlib.MAX_WBITS}[encoding]
        self._member = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._member.eof

    def step(self, part: bytes) -> tuple[bytes, bytes]:
        try:
            text = self._member.decompress(part, STEP_BYTES)
        except zlib.error as error:
            message = f"invalid {self._name}: {error}"
            raise UnreadableBodyError(message) from error
        return text, self._member.unused_data if self._member.eof else self._member.unconsumed_tail


class _Zstd:
    """A frame of Zstandard."""

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415 - only bodies with this compression need it
        else:
            from backports import zstd  # noqa: PLC0415
        self._error = zstd.ZstdError
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        self._frame = zstd.ZstdDecompressor(options=options)

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    def step(self, part: bytes) -> tuple[bytes, bytes]:
        try:
            text = self._frame.decompress(part, STEP_BYTES)
        except self._error as error:
            message = f"invalid zstd: {error}"
            raise UnreadableBodyError(message) from error
        return text, self._frame.unused_data if self._frame.eof else b""


class Decompressor:
    """Decompresses a body that arrives in parts. A body without compression passes through unchanged.

    Args:
        content_encoding: the header, or an empty text.
    """

    def __init__(self, content_encoding: str = "") -> None:
        self._content_encoding = content_encoding
        self._beginning: bytes | None = b""
        self._encoding = ""
        self._member: _Member | None = None
        self._has_output = False

    def encoding(self, next_part: bytes) -> str:
        """Return how the body is compressed; see `encoding_of`.

        Raises:
            UnsupportedEncodingError: see `encoding_of`.
        """
        if self._beginning is None:
            return self._encoding
        return encoding_of(self._beginning + next_part, self._content_encoding)

    def feed(self, part: bytes) -> Iterator[bytes]:
        """Yield the decompressed form of the next part, at most `STEP_BYTES` at a time.

        Raises:
            UnreadableBodyError: the compressed data are damaged. Everything yielded before is valid.
            UnsupportedEncodingError: see the class.
        """
        if self._beginning is not None:
            part = self._beginning + part
            if len(part) < _MAGIC_BYTES:
                self._beginning = part
                return
            self._start(part)
        if self._member is None:
            yield part
        else:
            yield from self._decompress(self._member, part)

    def end(self) -> bytes:
        """Return the remaining bytes after the last part.

        Raises:
            UnreadableBodyError: the compressed data are truncated.
            UnsupportedEncodingError: see the class.
        """
        rest = self._beginning or b""
        if rest:
            self._start(rest)
        if self._member is None:
            return rest
        text = b"".join(self._decompress(self._member, rest)) if rest else b""  # of three bytes
        if not self._member.eof:
            reason = f"truncated {self._encoding}"
            raise self._error(reason)
        return text

    def _error(self, reason: str) -> UnreadableBodyError | UnsupportedEncodingError:
        """Return the error for damaged data."""
        if self._content_encoding and not self._has_output:
            return UnsupportedEncodingError(f"Content-Encoding {self._content_encoding}: {reason}")
        return UnreadableBodyError(reason)

    def _start(self, beginning: bytes) -> None:
        self._encoding = encoding_of(beginning, self._content_encoding)
        self._beginning = None
        if self._encoding:
            self._member = self._next_member()

    def _next_member(self) -> _Member:
        return _Zstd() if self._encoding == "zstd" else _Zlib(self._encoding)

    def _decompress(self, member: _Member, part: bytes) -> Iterator[bytes]:
        """Decompress any number of consecutive members. Zeros after a member are padding."""
        while True:
            if member.eof:
                part = part.lstrip(b"\0")
                if not part:
                    return
                member = self._member = self._next_member()
            try:
                text, part = member.step(part)
            except UnreadableBodyError as error:
                raise self._error(str(error)) from error
            if text:
                self._has_output = True
                yield text
            elif not part and not member.eof:
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
