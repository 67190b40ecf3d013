"""A request of OTLP in protobuf, taken apart before it is parsed: parsed, a few bytes need a hundred times their room.

Reference:
    "Encoding", protobuf.dev. In traces, logs and metrics alike, a request has groups by resource (field 1), these have
    groups by scope (field 2), and these have items (field 2).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from local_insights.ingest.decompress import UnreadableBodyError

MAX_FIELDS = 250_000
"""Groups and items of one request. Collectors send some ten thousand at most."""
PART_ITEMS = 1_000
PART_BYTES = 256 * 1024
_GROUP, _NESTED = 1, 2
_VARINT, _FIXED_64, _SIZED, _FIXED_32 = 0, 1, 2, 5
_MOST_SHIFT = 63
_TOO_MANY = f"expected at most {MAX_FIELDS:,} items in a request, got more"


@dataclass(frozen=True, slots=True)
class RequestPart:
    """Some items of one resource, each with what is said of its scope; all as they were sent."""

    resource: bytes
    items: Sequence[tuple[bytes, bytes]]

    @property
    def largest_bytes(self) -> int:
        """The size of the largest message in it."""
        return max(len(self.resource), *(max(len(scope), len(item)) for scope, item in self.items))

    def request(self) -> bytes:
        """A request with these items alone."""
        scopes = (
            _sized(_NESTED, scope + b"".join(_sized(_NESTED, item) for _, item in items))
            for scope, items in groupby(self.items, key=itemgetter(0))
        )
        return _sized(_GROUP, self.resource + b"".join(scopes))


def split_request(body: bytes) -> Iterator[RequestPart]:
    """The items of a request, some at a time. All of it is looked at before the first part is there.

    Raises:
        UnreadableBodyError: this is no protobuf, or holds more items than anybody sends.
    """
    reader = _Reader(body)
    _, groups = reader.split(0, len(body), _GROUP)
    resources = [reader.split(*group, _NESTED) for group in groups]
    found = [(told, [reader.split(*scope, _NESTED) for scope in scopes]) for told, scopes in resources]
    for resource, scopes in found:
        some: list[tuple[bytes, bytes]] = []
        some_bytes = 0
        for scope, items in scopes:
            for begin, end in items:
                some.append((scope, body[begin:end]))
                some_bytes += end - begin
                if len(some) >= PART_ITEMS or some_bytes >= PART_BYTES:
                    yield RequestPart(resource, some)
                    some = []
                    some_bytes = 0
        if some:
            yield RequestPart(resource, some)


class _Reader:
    """Finds fields in a text, so many at most."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._fields_left = MAX_FIELDS

    def split(self, begin: int, end: int, nested: int) -> tuple[bytes, list[tuple[int, int]]]:
        """The places of the nested messages between two places, and the other fields as they are.

        Raises:
            UnreadableBodyError: see `split_request`.
        """
        told = []
        places = []
        position = begin
        while position < end:
            self._fields_left -= 1
            if self._fields_left < 0:
                raise UnreadableBodyError(_TOO_MANY)
            key, content = self._varint(position, end)
            after = self._after(key & 7, content, end)
            if key == nested << 3 | _SIZED:
                _, content = self._varint(content, end)
                places.append((content, after))
            else:
                told.append(self._body[position:after])
            position = after
        return b"".join(told), places

    def _after(self, wire_type: int, position: int, end: int) -> int:
        """Where a field of this type ends that begins at the position."""
        if wire_type == _VARINT:
            _, position = self._varint(position, end)
        elif wire_type == _SIZED:
            size, position = self._varint(position, end)
            position += size
        elif wire_type in {_FIXED_32, _FIXED_64}:
            position += 4 if wire_type == _FIXED_32 else 8
        else:
            message = f"expected protobuf, got a field of type {wire_type} at byte {position:,}"
            raise UnreadableBodyError(message)
        if position > end:
            message = f"expected protobuf, got one that breaks off at byte {end:,}"
            raise UnreadableBodyError(message)
        return position

    def _varint(self, position: int, end: int) -> tuple[int, int]:
        """A number, and the place behind it."""
        value = shift = 0
        while position < end and shift <= _MOST_SHIFT:
            byte = self._body[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
                return value, position
            shift += 7
        message = f"expected protobuf, got a number that does not end at byte {position:,}"
        raise UnreadableBodyError(message)


def _sized(number: int, content: bytes) -> bytes:
    """A field that holds a message."""
    size = len(content)
    text = bytearray([number << 3 | _SIZED])
    while size > 0x7F:  # noqa: PLR2004 - seven bits a byte
        text.append((size & 0x7F) | 0x80)
        size >>= 7
    text.append(size)
    return bytes(text) + content
