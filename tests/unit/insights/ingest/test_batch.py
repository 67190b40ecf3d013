"""Reading a batch of any bytes: it never fails, and no valid item is lost."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.ingest.batch import Batch, read_batch
from local_insights.ingest.chunks import CHUNK_BYTES, ChunkReader
from local_insights.ingest.decompress import BodyTooLargeError, UnreadableBodyError, decompress
from local_insights.ingest.item_splitter import split_items, strip_body
from local_insights.ingest.policy import IngestPolicy
from support.captured_posts import envelopes

LIMIT = 1_000_000
POLICY = IngestPolicy("app")
GOOD = envelopes("opencensus_fixed", "RequestData")[0]
REJECTED_ITEMS = [
    "null",
    "7",
    '"text"',
    "[]",
    "{}",
    '{"time": "yesterday", "data": {"baseType": "RequestData", "baseData": {}}}',
    '{"time": "2026-11-23T00:00:00Z"}',
    '{"time": "2026-11-23T00:00:00Z", "data": null}',
    '{"time": "2026-11-23T00:00:00Z", "data": {"baseType": "Unknown", "baseData": {}}}',
    '{"time": "2026-11-23T00:00:00Z", "data": {"baseType": "RequestData", "baseData": []}}',
    '{"time": "2026-11-23T00:00:00Z", "data": {"baseType": "RequestData", "baseData": {"duration": "soon"}}}',
    '{"time": "2026-11-23T00:00:00Z", "data": {"baseType": "MetricData", "baseData": {"metrics": []}}}',
    '{"a": }',
    "{'a': 1}",
    "[" * 500 + "]" * 500,
]

documents: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def batch(body: bytes) -> Batch:
    return read_batch(strip_body(decompress(body, LIMIT)), POLICY)


def received_accepted(read: Batch) -> tuple[int, int]:
    return read.response.items_received, read.response.items_accepted


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([GOOD, GOOD]).encode(),
        json.dumps([GOOD, GOOD], indent=2).encode(),
        b"\xef\xbb\xbf" + json.dumps([GOOD, GOOD]).encode(),
        b" \r\n" + json.dumps([GOOD, GOOD]).encode() + b"\n\n",
        "\n".join([json.dumps(GOOD)] * 2).encode(),
        "\n".join([json.dumps([GOOD])] * 2).encode(),
        "\n".join([json.dumps(GOOD), json.dumps([GOOD])]).encode(),
        "\r\n".join([json.dumps(GOOD)] * 2 + [""]).encode(),
        gzip.compress(json.dumps([GOOD, GOOD]).encode()),
        gzip.compress(json.dumps(GOOD).encode() + b"\n") + gzip.compress(json.dumps(GOOD).encode()),
    ],
    ids=[
        "array",
        "indented",
        "byte order mark",
        "white space",
        "lines",
        "lines of arrays",
        "lines of both",
        "lines with CR",
        "gzip",
        "two gzip members",
    ],
)
def test_batch_is_read_in_every_format(body: bytes) -> None:
    assert received_accepted(batch(body)) == (2, 2)


def test_lines_of_arrays_are_split_in_a_large_body_too() -> None:
    sizes = (1, 3, 3_000, 3_000, 2)
    lines = [json.dumps([GOOD] * size) for size in sizes] + [json.dumps(GOOD)]
    body = "\n".join(lines).encode()
    assert len(body) > CHUNK_BYTES
    reader = ChunkReader()
    chunks = [chunk for chunk in reader.feed(body) if chunk is not None] + [reader.end()]
    assert sum(len(read_batch(chunk, POLICY).items) for chunk in chunks) == sum(sizes) + 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_that_is_not_utf_8_is_rejected_with_the_expected_encoding(encoding: str) -> None:
    reader = ChunkReader()
    assert list(reader.feed(json.dumps([GOOD]).encode(encoding))) == []
    assert reader.error == "expected telemetry in UTF-8, got UTF-16 or UTF-32"


@pytest.mark.parametrize("indent", [None, 2])
def test_single_object_is_a_batch_of_one(indent: int | None) -> None:
    assert received_accepted(batch(json.dumps(GOOD, indent=indent).encode())) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"[]", b"\n\n", gzip.compress(b"", mtime=0)])
def test_empty_batch_is_accepted(body: bytes) -> None:
    assert received_accepted(batch(body)) == (0, 0)
    assert batch(body).response.status_code == 200


@pytest.mark.parametrize("bad", REJECTED_ITEMS)
@pytest.mark.parametrize("join", ["array", "lines"])
def test_bad_item_does_not_affect_other_items(bad: str, join: str) -> None:
    texts = [json.dumps(GOOD), bad, json.dumps(GOOD), bad, json.dumps(GOOD)]
    read = batch((f"[{','.join(texts)}]" if join == "array" else "\n".join(texts)).encode())
    assert received_accepted(read) == (5, 3)
    assert [(error.index, error.status_code) for error in read.response.errors] == [(1, 400), (3, 400)]
    assert len({item.id for item in read.items}) == 1
    assert read.response.status_code == 206


@given(st.lists(documents, max_size=4), st.integers(0, 4))
@settings(max_examples=60)
def test_valid_item_is_stored_among_any_json(others: list[Any], index: int) -> None:
    written = [json.dumps(document) for document in others]
    written.insert(index, json.dumps(GOOD))
    read = batch(f"[{', '.join(written)}]".encode())
    assert len(read.items) == 1
    assert received_accepted(read) == (len(written), 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_rejected(body: bytes) -> None:
    try:
        read = batch(body)
    except (BodyTooLargeError, UnreadableBodyError):
        return
    assert read.response.items_accepted + len(read.response.errors) == read.response.items_received


@given(st.data())
@settings(max_examples=60)
def test_valid_items_before_a_damaged_one_are_stored(data: st.DataObject) -> None:
    text = json.dumps(GOOD).encode()
    begin = data.draw(st.integers(1, len(text)))
    damage = data.draw(st.binary(max_size=5).filter(lambda inserted: not set(inserted) & set(b'"\\[]{},\r\n')))
    read = batch(b"[" + text + b"," + text + b"," + text[:begin] + damage + b"]")
    assert len(read.items) >= 2


def test_items_before_the_end_of_a_truncated_batch_are_stored() -> None:
    text = json.dumps(GOOD)
    read = batch(f"[{text},{text},{text[:200]}".encode())
    assert received_accepted(read) == (3, 2)


def test_error_states_the_expected_and_the_received_value() -> None:
    unknown = {"time": "2026-11-23T00:00:00Z", "data": {"baseType": "Unknown", "baseData": {}}}
    late = {"time": "yesterday", "data": {"baseType": "RequestData", "baseData": {}}}
    errors = batch(json.dumps([unknown, late]).encode()).response.errors
    assert [error.message for error in errors] == [
        "data.baseType: expected a documented type such as RequestData, got 'Unknown'",
        "time: expected an ISO 8601 time, got 'yesterday'",
    ]


def test_status_of_a_batch_without_valid_item_is_that_of_the_first_error() -> None:
    assert batch(b"[null]").response.status_code == 400


def test_app_id_depends_on_the_instrumentation_key() -> None:
    ids = {batch(json.dumps([{**GOOD, "iKey": key}]).encode()).response.app_id for key in ("AB", "ab", "cd")}
    assert len(ids) == 2


def test_gzip_bomb_is_rejected_at_the_limit() -> None:
    with pytest.raises(BodyTooLargeError, match="the decompressed body exceeds 1000000 bytes"):
        decompress(gzip.compress(b" " * (LIMIT + 1)), LIMIT)
    assert len(decompress(gzip.compress(b"x" * LIMIT), LIMIT)) == LIMIT


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x1f\x8b",
        gzip.compress(b"[]", mtime=0)[:-3],
        b"\x1f\x8bnothing",
        gzip.compress(b"[]", mtime=0) + b"rest",
    ],
)
def test_damaged_or_truncated_gzip_is_unreadable(damaged: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="gzip"):
        decompress(damaged, LIMIT)


def test_zeros_after_gzip_are_padding() -> None:
    assert decompress(gzip.compress(b"[]") + b"\0" * 8, LIMIT) == b"[]"


@pytest.mark.parametrize("body", [b"[" + b"1," * 64_001, b"x\n" * 64_001])
def test_body_that_appears_to_have_too_many_items_is_rejected(body: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="at most 64,000 items"):
        read_batch(body, POLICY)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'[{"a": "]},{["}, {"b": [1, 2]}, x]', [b'{"a": "]},{["}', b'{"b": [1, 2]}', b"x"]),
        (b'[{"a": "\\"}"}, {"b":}]', [b'{"a": "\\"}"}', b'{"b":}']),
        (b"[1,, 2]", [b"1", b"2"]),
        (b'[1, "open, 2]', [b"1", b'"open, 2]']),
        (b'[[1], 2]\n{"a": [\n3]}\nx, y', [b"[1]", b"2", b'{"a": [', b"3]}", b"x, y"]),
        (b'[[{"a": 1}], {"b": [2]}},, 3]]', [b'[{"a": 1}]', b'{"b": [2]}', b"3"]),
        (b"[1], 2, 3]", [b"1", b"2", b"3"]),
    ],
)
def test_malformed_array_is_split_by_its_brackets_and_quotes(body: bytes, found: list[bytes]) -> None:
    assert split_items(body) == found
