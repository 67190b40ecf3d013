"""A request's body, taken apart into the JSON texts of single items.

Headers are not asked: SDKs call newline-delimited JSON `application/json`, arrays `text/plain`, and some proxies unpack
what still says `Content-Encoding: gzip`. The bytes themselves say what they are.
"""

import codecs
import re
import zlib

import msgspec

MAX_ITEMS = 64_000
"""The service's limit of a batch. It is asked for only where a body has to be taken apart by hand."""
GZIP_MAGIC = b"\x1f\x8b"
_TOO_MANY = f"expected at most {MAX_ITEMS:,} items in a batch, got what looks like more"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_STRUCTURE = re.compile(rb'[\[\]{},"]')
_STRING_END = re.compile(rb'(?:[^"\\]|\\.)*+"', re.DOTALL)


class BodyTooLargeError(Exception):
    """The body, or what it expands to, is beyond the limit."""


class UnreadableBodyError(Exception):
    """The body is damaged as a whole; nothing in it can be told apart."""


def expanded(body: bytes, limit_bytes: int) -> bytes:
    """The body without compression and byte order mark.

    Raises:
        BodyTooLargeError: it expands beyond the limit. No more than the limit is ever held.
        UnreadableBodyError: the compressed data are damaged.
    """
    if body.startswith(GZIP_MAGIC):
        body = _gunzipped(body, limit_bytes)
    return body.removeprefix(codecs.BOM_UTF8).strip()


def elements(body: bytes) -> list[bytes]:
    """The texts of the items: of an array, of one object, or one of each line.

    A broken element does not hide the ones behind it: an array that no parser takes is split where its brackets and
    quotes say.

    Raises:
        UnreadableBodyError: it seems to hold more items than a batch may, so it is noise.
    """
    if body.startswith(b"["):
        return _array_elements(body)
    if body.count(b"\n") >= MAX_ITEMS:
        raise UnreadableBodyError(_TOO_MANY)
    lines = [line for line in (line.strip() for line in body.splitlines()) if line]
    return [body] if len(lines) > 1 and _is_one_document(body) else lines


def _array_elements(body: bytes) -> list[bytes]:
    """Elements of an array: by the parser where it can and there cannot be too many, else by hand."""
    if body.count(b",") < MAX_ITEMS:
        try:
            return [bytes(element) for element in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, RecursionError):
            pass  # the parser does not say where the next element begins
    return _split_array(body)


def _gunzipped(body: bytes, limit_bytes: int) -> bytes:
    parts = []
    room = limit_bytes
    while body:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            part = member.decompress(body, room + 1)
        except zlib.error as error:
            message = f"expected gzip: {error}"
            raise UnreadableBodyError(message) from error
        if len(part) > room:
            message = f"the body expands to more than {limit_bytes} bytes"
            raise BodyTooLargeError(message)
        if not member.eof:
            message = "expected gzip, got one that breaks off"
            raise UnreadableBodyError(message)
        parts.append(part)
        room -= len(part)
        body = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _is_one_document(body: bytes) -> bool:
    """Whether an object was written over several lines."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _split_array(body: bytes) -> list[bytes]:
    """Elements of a broken array, by its top-level commas."""
    found = []
    depth = 0
    begin = position = 1
    while match := _STRUCTURE.search(body, position):
        position = match.end()
        sign = match.group()
        if sign == b'"':
            end = _STRING_END.match(body, position)
            if end is None:
                break
            position = end.end()
        elif sign in b"[{":
            depth += 1
        elif sign in b"]}" and depth:
            depth -= 1
        elif not depth:
            found.append(body[begin : match.start()])
            begin = position
            if len(found) > MAX_ITEMS:
                raise UnreadableBodyError(_TOO_MANY)
    found.append(body[begin:])
    return [element for element in (element.strip() for element in found) if element]
