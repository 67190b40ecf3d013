"""Batches of telemetry in which good items stand among every kind of noise."""

import copy
import gzip
import itertools
import json
import math
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from support.captured_posts import envelopes, posts

GOOD = envelopes("opencensus_fixed", "RequestData")[0]
ALL = [envelope for post in posts() for envelope in post.envelopes]
DEEP = "deep"
"""Stands for a value that nests deeper than any parser follows."""
NESTED = b'{"a":' * 20_000 + b"1" + b"}" * 20_000
HOSTILE: list[Any] = [
    None, True, -1, 2**31, 2**63, -(2**63) - 1, 2**64, 10**400, math.nan, math.inf, -math.inf, 1e-320, "", " ", "\x00",
    "\ud800", "\udfff\ud800", "\u202e", "\u2028", "x" * 40_000, "NaN", "1e999", "-1.02:03:04", "99999999999:0:0",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:60Z", "|.", "|a.b_c.", "0" * 32, [], {}, [[]], {"": {}}, [None] * 50,
    {"\ud800": "\udc00"}, DEEP,
]  # fmt: skip
"""Values that have been somebody's bug."""
_numbers = itertools.count()

hostile = (
    st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=()), max_size=30) | st.floats() | st.integers()
)


@dataclass(frozen=True, slots=True)
class FuzzedBatch:
    """A body, and the operations of the good items in it."""

    body: bytes
    good: tuple[str, ...]


@st.composite
def fuzzed_batches(draw: st.DrawFn) -> FuzzedBatch:
    """Some good items and some bad ones, in any order, written in one of the ways that SDKs have."""
    is_array = draw(st.booleans())
    bad = st.one_of(mutated_envelopes(), damaged_texts() if not is_array else st.nothing(), st.sampled_from(LINES))
    elements = draw(st.lists(bad, min_size=1, max_size=4))
    good = tuple(f"noise{next(_numbers)}" for _ in range(draw(st.integers(1, 4))))
    for operation_id in good:
        elements.insert(draw(st.integers(0, len(elements))), good_element(operation_id))
    body = b"[" + b",".join(elements) + b"]" if is_array else b"\n".join(elements)
    wrapping = draw(st.sampled_from(WRAPPINGS))
    return FuzzedBatch(wrapping(body), () if wrapping is broken_off else good)


def good_element(operation_id: str) -> bytes:
    """The text of an item that must be kept."""
    return json.dumps({**GOOD, "tags": {**GOOD["tags"], "ai.operation.id": operation_id}}).encode()


@st.composite
def mutated_envelopes(draw: st.DrawFn) -> bytes:
    """A real envelope, some of whose values were exchanged for hostile ones."""
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
    """The text of a real envelope with bytes exchanged, left out or put in; it stays one line."""
    text = bytearray(json.dumps(draw(st.sampled_from(ALL))).encode())
    for _ in range(draw(st.integers(1, 5))):
        begin = draw(st.integers(0, len(text)))
        text[begin : begin + draw(st.integers(0, 20))] = draw(st.binary(max_size=5))
    return bytes(byte for byte in text if byte not in b"\r\n")


LINES = [b"null", b"7", b'"text"', b"[]", b"{}", b'{"a": }', b"[" * 500 + b"]" * 500, NESTED, b'{"time": 1e5}']
"""Elements that are no items, each a line, with their brackets in pairs."""


def plain(body: bytes) -> bytes:
    return body


def with_mark(body: bytes) -> bytes:
    return b"\xef\xbb\xbf \r\n" + body + b"\n\n"


def compressed(body: bytes) -> bytes:
    return gzip.compress(body)


def in_members(body: bytes) -> bytes:
    """Gzip in two members, as some proxies make it."""
    half = len(body) // 2
    return gzip.compress(body[:half]) + gzip.compress(body[half:]) + b"\0" * 7


def bomb(body: bytes) -> bytes:
    """Little that expands to much: white space behind the last item."""
    return gzip.compress(body + b" " * 3_000_000, compresslevel=1)


def broken_off(body: bytes) -> bytes:
    return gzip.compress(body)[:-20]


WRAPPINGS = (plain, with_mark, compressed, in_members, bomb, broken_off)


def fields_of(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Every place of a document that a value stands at."""
    if isinstance(value, dict):
        for key in list(value):
            yield value, key
            yield from fields_of(value[key])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from fields_of(value[index])
