"""A body of any size is read in chunks of bounded size."""

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
"""This number of items of that size makes three chunks."""


def item(number: int) -> bytes:
    return json.dumps({"number": number, "tricky": '"]},{[\\', "padding": PADDING}).encode()


ITEMS = [item(number) for number in range(COUNT)]
ARRAY = b"\xef\xbb\xbf [" + b",\n ".join(ITEMS) + b"]\n"
LINES = b"\r\n".join(ITEMS)


def read(body: bytes, part_bytes: int) -> tuple[list[bytes], int, str]:
    """Read a body that arrives in parts; return its items, the maximum of buffered bytes, and the error."""
    chunks = ChunkReader()
    found: list[bytes] = []
    buffered = 0
    for begin in range(0, len(body), part_bytes):
        for chunk in chunks.feed(body[begin : begin + part_bytes]):
            buffered = max(buffered, chunks.buffered_bytes)
            found += chunk if isinstance(chunk, list) else []
    last = chunks.end()
    found += last if isinstance(last, list) else [last]
    return found, buffered, chunks.error


@pytest.mark.parametrize("part_bytes", [1 << 12, 65_536, 1 << 30])
@pytest.mark.parametrize(
    "body",
    [ARRAY, LINES, gzip.compress(ARRAY), gzip.compress(LINES)],
    ids=["array", "lines", "gzip of array", "gzip of lines"],
)
def test_large_body_is_split_between_items(body: bytes, part_bytes: int) -> None:
    found, _, error = read(body, part_bytes)
    assert (found, error) == (ITEMS, "")


def test_at_most_one_chunk_is_buffered_of_a_body_with_a_high_compression_ratio() -> None:
    found, buffered, _ = read(gzip.compress(ARRAY), 4096)
    assert len(found) == COUNT
    assert CHUNK_BYTES / 2 < buffered < CHUNK_BYTES * 1.2


def test_small_body_is_one_chunk_and_is_not_changed() -> None:
    body = b'[{"a": 1}, {"b": 2}]'
    assert read(b"\xef\xbb\xbf \n" + body + b"\n", 3) == ([body], len(body) + 6, "")


@given(st.lists(st.integers(0, 120_000), max_size=12))
@settings(max_examples=25)
def test_items_do_not_depend_on_how_the_body_is_divided_into_parts(cuts: list[int]) -> None:
    small = b"[" + b",".join(b'{"text": "\\"]},{\\\\", "n": %d}' % number for number in range(4_000)) + b"]"
    bounds = sorted({0, len(small), *(min(cut, len(small)) for cut in cuts)})
    splitter = ItemSplitter(small)
    found = [one for begin, end in pairwise(bounds) for one in splitter.feed(small[begin:end])] + splitter.end()
    assert [json.loads(one)["n"] for one in found] == list(range(4_000))


def test_only_the_item_over_the_limit_is_replaced() -> None:
    huge = json.dumps({"number": "huge", "padding": "y" * (MAX_ITEM_BYTES + 1)}).encode()
    found, buffered, _ = read(b"[" + b",".join([*ITEMS[:90], huge, *ITEMS[90:]]) + b"]", 65_536)
    assert found == [*ITEMS[:90], OVERSIZED, *ITEMS[90:]]
    assert buffered < CHUNK_BYTES + MAX_ITEM_BYTES


@pytest.mark.parametrize("body", [ARRAY, ARRAY[:200_000]], ids=["large", "small"])
def test_items_before_the_end_of_a_truncated_gzip_body_are_read(body: bytes) -> None:
    compressed = gzip.compress(body)
    found, _, error = read(compressed[: int(len(compressed) * 0.8)], 65_536)
    assert error == "truncated gzip"
    assert b"".join(found).count(b'"number"') > body.count(b'"number"') / 2


def test_gzip_bomb_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks_module, "MAX_DECOMPRESSED_BYTES", 3 * CHUNK_BYTES)
    found, buffered, error = read(gzip.compress(b"[" + b" " * 10 * CHUNK_BYTES), 65_536)
    assert found == []
    assert error.startswith("expected at most 12,582,912 decompressed bytes")
    assert buffered <= CHUNK_BYTES
