"""A body is taken in pieces that fit into memory, however large it is and however it arrives."""

import gzip
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.ingest import chunks as chunks_module
from local_insights.ingest.chunks import CHUNK_BYTES, ChunkReader
from local_insights.ingest.item_splitter import MAX_ITEM_BYTES, OVERSIZED, ItemSplitter

PADDING = "x" * 60_000
COUNT = 200
"""So many items of that size make three pieces."""


def element(number: int) -> bytes:
    return json.dumps({"number": number, "tricky": '"]},{[\\', "padding": PADDING}).encode()


ELEMENTS = [element(number) for number in range(COUNT)]
ARRAY = b"\xef\xbb\xbf [" + b",\n ".join(ELEMENTS) + b"]\n"
LINES = b"\r\n".join(ELEMENTS)


def read(body: bytes, part_bytes: int) -> tuple[list[bytes], int, str]:
    """Elements of all pieces, the most that was held, and what was said of damage."""
    pieces = ChunkReader()
    found: list[bytes] = []
    held = 0
    for begin in range(0, len(body), part_bytes):
        for piece in pieces.feed(body[begin : begin + part_bytes]):
            held = max(held, pieces.buffered_bytes)
            found += piece if isinstance(piece, list) else []
    last = pieces.end()
    found += last if isinstance(last, list) else [last]
    return found, held, pieces.damage


@pytest.mark.parametrize("part_bytes", [1 << 12, 65_536, 1 << 30])
@pytest.mark.parametrize(
    "body",
    [ARRAY, LINES, gzip.compress(ARRAY), gzip.compress(LINES)],
    ids=["array", "lines", "gzip of array", "gzip of lines"],
)
def test_large_body_is_cut_between_its_items(body: bytes, part_bytes: int) -> None:
    found, _, damage = read(body, part_bytes)
    assert (found, damage) == (ELEMENTS, "")


def test_no_more_than_a_piece_is_held_of_a_body_that_expands_to_much() -> None:
    found, held, _ = read(gzip.compress(ARRAY), 4096)
    assert len(found) == COUNT
    assert CHUNK_BYTES / 2 < held < CHUNK_BYTES * 1.2


def test_small_body_stays_in_one_piece_as_it_was_sent() -> None:
    body = b'[{"a": 1}, {"b": 2}]'
    assert read(b"\xef\xbb\xbf \n" + body + b"\n", 3) == ([body], len(body) + 6, "")


@given(st.lists(st.integers(0, 120_000), max_size=12))
@settings(max_examples=25)
def test_where_the_parts_of_a_body_end_makes_no_difference(cuts: list[int]) -> None:
    small = b"[" + b",".join(b'{"text": "\\"]},{\\\\", "n": %d}' % number for number in range(4_000)) + b"]"
    places = sorted({0, len(small), *(min(cut, len(small)) for cut in cuts)})
    splitter = ItemSplitter(small)
    found = [one for begin, end in pairwise(places) for one in splitter.feed(small[begin:end])] + splitter.end()
    assert [json.loads(one)["n"] for one in found] == list(range(4_000))


def test_item_beyond_the_limit_costs_only_itself() -> None:
    huge = json.dumps({"number": "huge", "padding": "y" * (MAX_ITEM_BYTES + 1)}).encode()
    found, held, _ = read(b"[" + b",".join([*ELEMENTS[:90], huge, *ELEMENTS[90:]]) + b"]", 65_536)
    assert found == [*ELEMENTS[:90], OVERSIZED, *ELEMENTS[90:]]
    assert held < CHUNK_BYTES + MAX_ITEM_BYTES


@pytest.mark.parametrize("body", [ARRAY, ARRAY[:200_000]], ids=["large", "small"])
def test_what_expands_before_compressed_data_break_off_is_read(body: bytes) -> None:
    compressed = gzip.compress(body)
    found, _, damage = read(compressed[: int(len(compressed) * 0.8)], 65_536)
    assert damage == "expected gzip, got one that breaks off"
    assert b"".join(found).count(b'"number"') > body.count(b'"number"') / 2


def test_body_without_an_end_is_left_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks_module, "MAX_DECOMPRESSED_BYTES", 3 * CHUNK_BYTES)
    found, held, damage = read(gzip.compress(b"[" + b" " * 10 * CHUNK_BYTES), 65_536)
    assert found == []
    assert damage.startswith("expected at most 12,582,912 bytes")
    assert held <= CHUNK_BYTES
