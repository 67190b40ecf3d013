"""The text of a body, taken apart into the JSON texts of single items.

Headers are not asked: SDKs call newline-delimited JSON `application/json` and arrays `text/plain`. The text tells.
"""

import codecs
import re
from collections.abc import Iterator

import msgspec

from local_insights.ingest.decompress import UnreadableBodyError

MAX_ITEMS = 64_000
"""The service's limit of a batch. It is asked for only where a body has to be taken apart by hand."""
MAX_ITEM_BYTES = 4 * 1024 * 1024
"""64 times what the service takes. A larger item is refused, so that no sender decides how much memory is needed."""
OVERSIZED = f'"an item of more than {MAX_ITEM_BYTES:,} bytes"'.encode()
"""Stands where an item was too large to be kept, so that the items behind it keep their numbers."""
_TOO_MANY = f"expected at most {MAX_ITEMS:,} items in a batch, got what looks like more"
_STRUCTURE = re.compile(rb'[\[{]+|[\]}]+|,+|"')
_STRUCTURE_OR_LINE = re.compile(rb'[\[{]+|[\]}]+|,+|"|\n')
_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


def strip_body(text: bytes) -> bytes:
    """The text without byte order mark and surrounding white space."""
    return text.removeprefix(codecs.BOM_UTF8).strip()


def split_items(text: bytes) -> list[bytes]:
    """The texts of the items: of an array, of one object, or one of each line.

    A broken element does not hide the ones behind it: an array that no parser takes is split where its brackets and
    quotes say.

    Raises:
        UnreadableBodyError: it seems to hold more items than a batch may, so it is noise.
    """
    if not text.startswith(b"["):
        if text.count(b"\n") >= MAX_ITEMS:
            raise UnreadableBodyError(_TOO_MANY)
        lines = [line for line in (line.strip() for line in text.splitlines()) if line]
        return [text] if len(lines) > 1 and _is_one_document(text) else lines
    if text.count(b",") < MAX_ITEMS:
        try:
            return [bytes(element) for element in msgspec.json.decode(text, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, RecursionError):
            pass  # the parser does not say where the next element begins
    found = []
    splitter = ItemSplitter(text)
    for element in splitter.feed(text):
        found.append(element)
        if len(found) > MAX_ITEMS:
            raise UnreadableBodyError(_TOO_MANY)
    return found + splitter.end()


class ItemSplitter:
    """Takes a text apart that arrives in parts, holding no more than the element it is in.

    Args:
        beginning: what tells an array from lines: the first bytes that are no white space.
    """

    def __init__(self, beginning: bytes) -> None:
        self._is_array = beginning.startswith(b"[")
        self._skipped = int(self._is_array)
        self._structure = _STRUCTURE
        self._depth = 0
        self._in_string = False
        self._is_escaped = False
        self._parts: list[bytes] = []
        self.buffered_bytes = 0
        """Bytes of the element that is not complete yet, as far as they are held."""

    def feed(self, part: bytes) -> Iterator[bytes]:
        """The split_items that the next part completes."""
        begin = self._skipped
        self._skipped = 0
        gaps = self._gaps_in_array(part, begin) if self._is_array else _line_ends(part, begin)
        for end, next_begin in gaps:
            self._hold(part[begin:end])
            yield from self.end()
            begin = next_begin
        self._hold(part[begin:])

    def end(self) -> list[bytes]:
        """The element that was begun last, if any."""
        element = b"".join(self._parts).strip() if self.buffered_bytes <= MAX_ITEM_BYTES else OVERSIZED
        self._parts = []
        self.buffered_bytes = 0
        return [element] if element else []

    def _hold(self, text: bytes) -> None:
        if not self.buffered_bytes:
            text = text.lstrip()
        if self.buffered_bytes <= MAX_ITEM_BYTES:
            self._parts.append(text)
            self.buffered_bytes += len(text)
        if self.buffered_bytes > MAX_ITEM_BYTES:
            self._parts = []

    def _gaps_in_array(self, part: bytes, begin: int) -> Iterator[tuple[int, int]]:
        """Where commas and brackets stand that belong to no element. An array may be the first of many lines."""
        position = begin + self._is_escaped
        self._is_escaped = False
        while position < len(part):
            if self._in_string:
                position = _STRING_REST.match(part, position).end()  # type: ignore[union-attr] # it matches nothing, too
                self._is_escaped = part[position:] == b"\\"
                self._in_string = part[position : position + 1] != b'"'
                position += 1
                continue
            match = self._structure.search(part, position)
            if match is None:
                return
            start, position = match.span()
            sign = match.group()[:1]
            if sign == b'"':
                self._in_string = True
            elif sign in b"[{":
                self._depth += position - start
            elif sign in b"]}" and self._depth >= position - start:
                self._depth -= position - start
            elif sign in b"]}":
                yield start + self._depth, position
                self._depth = 0
                self._structure = _STRUCTURE_OR_LINE
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


def _is_one_document(text: bytes) -> bool:
    """Whether an object was written over several lines."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
