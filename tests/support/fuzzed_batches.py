"""Fuzzed batches of telemetry that also contain valid items (Hypothesis strategies)."""

import copy
import gzip
import itertools
import json
import math
import zlib
from dataclasses import dataclass
from typing import Any

from backports import zstd
from hypothesis import strategies as st

from support.captured_posts import envelopes, posts

GOOD = envelopes("opencensus_fixed", "RequestData")[0]
ALL = [envelope for post in posts() for envelope in post.envelopes]
DEEP = "deep"
"""Placeholder of a value that is nested deeper than parsers allow."""
NESTED = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
HOSTILE: list[Any] = [
    None, True, -1, 2**31, 2**63, -(2**63) - 1, 2**64, 10**400, math.nan, math.inf, -math.inf, 1e-320, "", " ", "\x00",
    "\ud800", "\udfff\ud800", "\u202e", "\u2028", "x" * 40_000, "NaN", "1e999", "-1.02:03:04", "99999999999:0:0",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:60Z", "|.", "|a.b_c.", "0" * 32, [], {}, [[]], {"": {}}, [None] * 50,
    {"\ud800": "\udc00"}, DEEP,
]  # fmt: skip
"""Values that caused bugs in other programs."""
_numbers = itertools.count()

hostile = (
    st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=()), max_size=30) | st.floats() | st.integers()
)


@dataclass(frozen=True, slots=True)
class FuzzedBatch:
    """A body, and the operation ids of its valid items."""

    body: bytes
    valid: tuple[str, ...]


@st.composite
def fuzzed_batches(draw: st.DrawFn) -> FuzzedBatch:
    """Generate valid and invalid items in any order, in one of the formats of SDKs."""
    is_array = draw(st.booleans())
    invalid = st.one_of(mutated_envelopes(), damaged_texts() if not is_array else st.nothing(), st.sampled_from(LINES))
    elements = draw(st.lists(invalid, min_size=1, max_size=4))
    valid = tuple(f"fuzz{next(_numbers)}" for _ in range(draw(st.integers(1, 4))))
    for operation_id in valid:
        elements.insert(draw(st.integers(0, len(elements))), valid_item(operation_id))
    body = draw(st.sampled_from(ARRAY_FORMATS))(elements) if is_array else b"\n".join(elements)
    wrapping = draw(st.sampled_from(WRAPPINGS))
    return FuzzedBatch(wrapping(body), () if wrapping is truncated else valid)


def valid_item(operation_id: str) -> bytes:
    """Return the JSON of an item that must be stored."""
    return json.dumps({**GOOD, "tags": {**GOOD["tags"], "ai.operation.id": operation_id}}).encode()


@st.composite
def mutated_envelopes(draw: st.DrawFn) -> bytes:
    """Generate a captured envelope with some values replaced by hostile ones."""
    envelope = copy.deepcopy(draw(st.sampled_from(ALL)))
    for _ in range(draw(st.integers(1, 4))):
        holder, key = draw(st.sampled_from(list(fields_of(envelope))))
        if draw(st.integers(0, 5)) == 0:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(draw(hostile))
    return json.dumps(envelope).encode().replace(b'"deep"', NESTED)


@st.composite
def damaged_texts(draw: st.DrawFn) -> bytes:
    """Generate the JSON of a captured envelope with bytes replaced, removed or inserted, on one line."""
    text = bytearray(json.dumps(draw(st.sampled_from(ALL))).encode())
    for _ in range(draw(st.integers(1, 5))):
        begin = draw(st.integers(0, len(text)))
        text[begin : begin + draw(st.integers(0, 20))] = draw(st.binary(max_size=5))
    return bytes(byte for byte in text if byte not in b"\r\n")


LINES = [b"null", b"7", b'"text"', b"[]", b"{}", b'{"a": }', b"[" * 500 + b"]" * 500, NESTED, b'{"time": 1e5}']
"""Invalid items, each on one line, with balanced brackets."""


def one_array(elements: list[bytes]) -> bytes:
    return b"[" + b",".join(elements) + b"]"


def lines_of_arrays(elements: list[bytes]) -> bytes:
    """Return one array per line, with one or two elements."""
    pairs = [elements[begin : begin + 2] for begin in range(0, len(elements), 2)]
    return b"\n".join(map(one_array, pairs))


ARRAY_FORMATS = (one_array, lines_of_arrays)


def plain(body: bytes) -> bytes:
    return body


def with_mark(body: bytes) -> bytes:
    return b"\xef\xbb\xbf \r\n" + body + b"\n\n"


def compressed(body: bytes) -> bytes:
    return gzip.compress(body)


def in_members(body: bytes) -> bytes:
    """Compress into two gzip members, as some proxies do."""
    half = len(body) // 2
    return gzip.compress(body[:half]) + gzip.compress(body[half:]) + b"\0" * 7


def in_zstd_frames(body: bytes) -> bytes:
    """Compress into two frames of Zstandard."""
    half = len(body) // 2
    return zstd.compress(body[:half]) + zstd.compress(body[half:])


def deflated(body: bytes) -> bytes:
    return zlib.compress(body)


def zstd_bomb(body: bytes) -> bytes:
    return zstd.compress(body + b" " * 3_000_000)


def gzip_bomb(body: bytes) -> bytes:
    """Compress with much white space after the last item."""
    return gzip.compress(body + b" " * 3_000_000, compresslevel=1)


def truncated(body: bytes) -> bytes:
    return gzip.compress(body)[:-20]


WRAPPINGS = (
    plain, with_mark, compressed, in_members, in_zstd_frames, deflated, gzip_bomb, zstd_bomb, truncated,
)  # fmt: skip


def fields_of(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Yield every field of a document as container and key."""
    if isinstance(value, dict):
        for key in list(value):
            yield value, key
            yield from fields_of(value[key])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from fields_of(value[index])
