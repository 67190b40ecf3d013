"""Splits the text of a body into the JSON texts of single items.

The `Content-Type` header is ignored: SDKs send newline-delimited JSON as `application/json` and arrays as `text/plain`.
The text itself decides.
"""

import codecs
import re
from collections.abc import Iterator

import msgspec

from local_insights.ingest.decompress import UnreadableBodyError

MAX_ITEMS = 64_000
"""The limit of a batch in Application Insights. It applies only to bodies that have to be split without the parser."""
MAX_ITEM_BYTES = 4 * 1024 * 1024
"""64 times the limit of Application Insights. Larger items are rejected, which bounds the memory use."""
OVERSIZED = f'"an item of more than {MAX_ITEM_BYTES:,} bytes"'.encode()
"""Replaces an item over the limit, so that the items after it keep their indexes."""
_TOO_MANY = f"expected at most {MAX_ITEMS:,} items in a batch, got more"
_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'


def _skip(ends: bytes, levels: int) -> bytes:
    """Return the pattern that skips strings, objects and arrays, up to one of the characters `ends` or to a bracket.

    It stops before a string that does not end, and before an object or array of more than so many levels.
    """
    nested = rb"|[\[{]" + _skip(b"", levels - 1) + rb"[\]}]" if levels else b""
    other = rb'[^"\[\]{}' + ends + rb"]*+"
    return other + rb"(?:(?:" + _STRING + nested + rb")" + other + rb")*+"


_SIGN = rb'([\[{]++|[\]}]++|,++|\n|")?'
_BETWEEN_ITEMS = re.compile(_skip(b",", 1) + _SIGN, re.DOTALL)
_BETWEEN_ITEMS_OR_LINES = re.compile(_skip(b",\n", 1) + _SIGN, re.DOTALL)
_WITHIN_ITEM = re.compile(_skip(b"", 3) + _SIGN, re.DOTALL)
"""With one step of Python per string or bracket, an array would take ten times as long.

The patterns match possessively and their levels are few, so the cost of a text grows linearly with its length.
"""


def strip_body(text: bytes) -> bytes:
    """Return the text without byte order mark and surrounding white space."""
    return text.removeprefix(codecs.BOM_UTF8).strip()


def split_items(text: bytes) -> list[bytes]:
    """Return the texts of the items: the elements of an array, a single object, or one item or array per line.

    A malformed item does not affect the items after it: an array that the parser rejects is split by its brackets and
    quotes.

    Raises:
        UnreadableBodyError: the text appears to contain more items than a batch may have.
    """
    if not text.startswith(b"["):
        if text.count(b"\n") >= MAX_ITEMS:
            raise UnreadableBodyError(_TOO_MANY)
        lines = [line for line in (line.strip() for line in text.splitlines()) if line]
        if len(lines) > 1 and _is_one_document(text):
            return [text]
        return [item for line in lines for item in _elements(line)]
    if text.count(b",") < MAX_ITEMS:
        try:
            return [bytes(item) for item in msgspec.json.decode(text, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, RecursionError):
            pass  # the parser's error does not include where the next item begins
    found = []
    splitter = ItemSplitter(text)
    for item in splitter.feed(text):
        found.append(item)
        if len(found) > MAX_ITEMS:
            raise UnreadableBodyError(_TOO_MANY)
    return found + splitter.end()


class ItemSplitter:
    """Splits a text that arrives in parts. It buffers only the current item.

    Args:
        beginning: the first bytes that are not white space. They distinguish an array from lines.
    """

    def __init__(self, beginning: bytes) -> None:
        self._is_array = beginning.startswith(b"[")
        self._skipped = int(self._is_array)
        self._between_items = _BETWEEN_ITEMS
        self._depth = 0
        self._in_string = False
        self._is_escaped = False
        self._parts: list[bytes] = []
        self.buffered_bytes = 0
        """Size of the current, incomplete item; it stops growing at `MAX_ITEM_BYTES`."""

    def feed(self, part: bytes) -> Iterator[bytes]:
        """Yield the items that the next part completes."""
        begin = self._skipped
        self._skipped = 0
        gaps = self._gaps_in_array(part, begin) if self._is_array else _line_ends(part, begin)
        for end, next_begin in gaps:
            self._buffer(part[begin:end])
            yield from self.end()
            begin = next_begin
        self._buffer(part[begin:])

    def end(self) -> list[bytes]:
        """Return the current item, if there is one, or the items of the current line."""
        item = b"".join(self._parts).strip() if self.buffered_bytes <= MAX_ITEM_BYTES else OVERSIZED
        self._parts = []
        self.buffered_bytes = 0
        if not item:
            return []
        return [item] if self._is_array else _elements(item)

    def _buffer(self, text: bytes) -> None:
        if not self.buffered_bytes:
            text = text.lstrip()
        if self.buffered_bytes <= MAX_ITEM_BYTES:
            self._parts.append(text)
            self.buffered_bytes += len(text)
        if self.buffered_bytes > MAX_ITEM_BYTES:
            self._parts = []

    def _gaps_in_array(self, part: bytes, begin: int) -> Iterator[tuple[int, int]]:
        """Yield start and end of the commas and brackets between items. An array may be the first of many lines."""
        position = begin + self._is_escaped
        self._is_escaped = False
        while position < len(part):
            if self._in_string:
                position = _STRING_REST.match(part, position).end()  # type: ignore[union-attr] # it also matches ""
                self._is_escaped = position == len(part) - 1 and part.endswith(b"\\")
                self._in_string = part[position : position + 1] != b'"'
                position += 1
                continue
            pattern = _WITHIN_ITEM if self._depth else self._between_items
            start, position = pattern.match(part, position).span(1)  # type: ignore[union-attr] # it also matches ""
            if start < 0:
                return
            sign = part[start : start + 1]
            if sign == b'"':
                self._in_string = True
            elif sign in b"[{":
                self._depth += position - start
            elif sign in b"]}" and self._depth >= position - start:
                self._depth -= position - start
            elif sign in b"]}":
                yield start + self._depth, position
                self._depth = 0
                self._between_items = _BETWEEN_ITEMS_OR_LINES
            elif not self._depth:
                yield start, position
                if sign == b"\n":
                    self._is_array = False
                    yield from _line_ends(part, position)
                    return


def _line_ends(part: bytes, begin: int) -> Iterator[tuple[int, int]]:
    position = part.find(b"\n", begin)
    while position >= 0:
        yield position, position + 1
        position = part.find(b"\n", position + 1)


def _elements(line: bytes) -> list[bytes]:
    """Return the elements of a line that is an array, else the line. An empty array is an invalid item."""
    return (split_items(line) if line.startswith(b"[") else []) or [line]


def _is_one_document(text: bytes) -> bool:
    """Return whether the text is one object that extends over several lines."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
