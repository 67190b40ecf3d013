"""Splits an OTLP request in protobuf into parts before it is parsed.

A parsed request can need a hundred times the size of its bytes, so a small body could exhaust the memory.

Reference:
    "Encoding", protobuf.dev. In traces, logs and metrics alike, a request has groups by resource (field 1), a group by
    resource has groups by scope (field 2), and a group by scope has items (field 2).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from local_insights.ingest.decompress import UnreadableBodyError

MAX_FIELDS = 250_000
"""The limit of groups and items per request. Collectors send some ten thousand at most."""
PART_ITEMS = 1_000
PART_BYTES = 256 * 1024
_GROUP, _NESTED = 1, 2
_VARINT, _FIXED_64, _SIZED, _FIXED_32 = 0, 1, 2, 5
_MAX_SHIFT = 63
_TOO_MANY = f"expected at most {MAX_FIELDS:,} items in a request, got more"


@dataclass(frozen=True, slots=True)
class RequestPart:
    """Some items of one resource. Each item has the fields of its scope; all are encoded as received."""

    resource: bytes
    items: Sequence[tuple[bytes, bytes]]

    @property
    def largest_bytes(self) -> int:
        """The size of the largest message in the part."""
        return max(len(self.resource), *(max(len(scope), len(item)) for scope, item in self.items))

    def request(self) -> bytes:
        """Return an encoded request with only these items."""
        scopes = (
            _sized(_NESTED, scope + b"".join(_sized(_NESTED, item) for _, item in items))
            for scope, items in groupby(self.items, key=itemgetter(0))
        )
        return _sized(_GROUP, self.resource + b"".join(scopes))


def split_request(body: bytes) -> Iterator[RequestPart]:
    """Yield the items of a request in parts. The whole body is checked before the first part is yielded.

    Raises:
        UnreadableBodyError: the body is not protobuf, or contains more than `MAX_FIELDS` items.
    """
    reader = _Reader(body)
    _, groups = reader.split(0, len(body), _GROUP)
    resources = [reader.split(*group, _NESTED) for group in groups]
    found = [(resource, [reader.split(*scope, _NESTED) for scope in scopes]) for resource, scopes in resources]
    for resource, scopes in found:
        part: list[tuple[bytes, bytes]] = []
        part_bytes = 0
        for scope, items in scopes:
            for begin, end in items:
                part.append((scope, body[begin:end]))
                part_bytes += end - begin
                if len(part) >= PART_ITEMS or part_bytes >= PART_BYTES:
                    yield RequestPart(resource, part)
                    part = []
                    part_bytes = 0
        if part:
            yield RequestPart(resource, part)


class _Reader:
    """Finds the fields of encoded messages, at most `MAX_FIELDS` in total."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._fields_left = MAX_FIELDS

    def split(self, begin: int, end: int, nested: int) -> tuple[bytes, list[tuple[int, int]]]:
        """Return the other fields of a message, encoded, and the start and end of each nested message.

        Raises:
            UnreadableBodyError: see `split_request`.
        """
        other = []
        spans = []
        position = begin
        while position < end:
            self._fields_left -= 1
            if self._fields_left < 0:
                raise UnreadableBodyError(_TOO_MANY)
            key, content = self._varint(position, end)
            after = self._after(key & 7, content, end)
            if key == nested << 3 | _SIZED:
                _, content = self._varint(content, end)
                spans.append((content, after))
            else:
                other.append(self._body[position:after])
            position = after
        return b"".join(other), spans

    def _after(self, wire_type: int, position: int, end: int) -> int:
        """Return the end of the field with this wire type whose content starts at the position."""
        if wire_type == _VARINT:
            _, position = self._varint(position, end)
        elif wire_type == _SIZED:
            size, position = self._varint(position, end)
            position += size
        elif wire_type in {_FIXED_32, _FIXED_64}:
            position += 4 if wire_type == _FIXED_32 else 8
        else:
            message = f"invalid protobuf: wire type {wire_type} at byte {position:,}"
            raise UnreadableBodyError(message)
        if position > end:
            message = f"truncated protobuf: a field exceeds its message, which ends at byte {end:,}"
            raise UnreadableBodyError(message)
        return position

    def _varint(self, position: int, end: int) -> tuple[int, int]:
        """Return a number and the position after it."""
        value = shift = 0
        while position < end and shift <= _MAX_SHIFT:
            byte = self._body[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
                return value, position
            shift += 7
        message = f"invalid protobuf: unterminated number at byte {position:,}"
        raise UnreadableBodyError(message)


def _sized(number: int, content: bytes) -> bytes:
    """Encode a field that contains a message."""
    size = len(content)
    text = bytearray([number << 3 | _SIZED])
    while size > 0x7F:  # noqa: PLR2004 - seven bits a byte
        text.append((size & 0x7F) | 0x80)
        size >>= 7
    text.append(size)
    return bytes(text) + content
