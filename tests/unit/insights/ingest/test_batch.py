"""Whatever the bytes: an answer, and no good item lost."""

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.ingest.batch import Batch, read_batch
from local_insights.ingest.decompress import BodyTooLargeError, UnreadableBodyError, decompress
from local_insights.ingest.item_splitter import split_items, strip_body
from local_insights.ingest.policy import IngestPolicy
from support.captured_posts import envelopes

LIMIT = 1_000_000
INTAKE = IngestPolicy("app")
GOOD = envelopes("opencensus_fixed", "RequestData")[0]
REFUSED_ELEMENTS = [
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
    return read_batch(strip_body(decompress(body, LIMIT)), INTAKE)


def received_accepted(read: Batch) -> tuple[int, int]:
    return read.receipt.items_received, read.receipt.items_accepted


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([GOOD, GOOD]).encode(),
        json.dumps([GOOD, GOOD], indent=2).encode(),
        b"\xef\xbb\xbf" + json.dumps([GOOD, GOOD]).encode(),
        b" \r\n" + json.dumps([GOOD, GOOD]).encode() + b"\n\n",
        "\n".join([json.dumps(GOOD)] * 2).encode(),
        "\r\n".join([json.dumps(GOOD)] * 2 + [""]).encode(),
        gzip.compress(json.dumps([GOOD, GOOD]).encode()),
        gzip.compress(json.dumps(GOOD).encode() + b"\n") + gzip.compress(json.dumps(GOOD).encode()),
    ],
    ids=["array", "indented", "byte order mark", "white space", "lines", "lines with CR", "gzip", "two gzip members"],
)
def test_every_way_to_write_a_batch(body: bytes) -> None:
    assert received_accepted(batch(body)) == (2, 2)


@pytest.mark.parametrize("indent", [None, 2])
def test_single_object_is_a_batch_of_one(indent: int | None) -> None:
    assert received_accepted(batch(json.dumps(GOOD, indent=indent).encode())) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"[]", b"\n\n", gzip.compress(b"", mtime=0)])
def test_empty_batch_is_no_error(body: bytes) -> None:
    assert received_accepted(batch(body)) == (0, 0)
    assert batch(body).receipt.status_code == 200


@pytest.mark.parametrize("bad", REFUSED_ELEMENTS)
@pytest.mark.parametrize("join", ["array", "lines"])
def test_bad_item_does_not_cost_its_neighbours(bad: str, join: str) -> None:
    texts = [json.dumps(GOOD), bad, json.dumps(GOOD), bad, json.dumps(GOOD)]
    read = batch((f"[{','.join(texts)}]" if join == "array" else "\n".join(texts)).encode())
    assert received_accepted(read) == (5, 3)
    assert [(error.index, error.status_code) for error in read.receipt.errors] == [(1, 400), (3, 400)]
    assert len({item.id for item in read.items}) == 1
    assert read.receipt.status_code == 206


@given(st.lists(documents, max_size=4), st.integers(0, 4))
@settings(max_examples=60)
def test_good_item_is_kept_whatever_json_stands_around_it(others: list[Any], place: int) -> None:
    written = [json.dumps(document) for document in others]
    written.insert(place, json.dumps(GOOD))
    read = batch(f"[{', '.join(written)}]".encode())
    assert len(read.items) == 1
    assert received_accepted(read) == (len(written), 1)


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    try:
        read = batch(body)
    except (BodyTooLargeError, UnreadableBodyError):
        return
    assert read.receipt.items_accepted + len(read.receipt.errors) == read.receipt.items_received


@given(st.data())
@settings(max_examples=60)
def test_good_items_survive_any_damage_to_the_last_one(data: st.DataObject) -> None:
    text = json.dumps(GOOD).encode()
    begin = data.draw(st.integers(1, len(text)))
    damage = data.draw(st.binary(max_size=5).filter(lambda noise: not set(noise) & set(b'"\\[]{},\r\n')))
    read = batch(b"[" + text + b"," + text + b"," + text[:begin] + damage + b"]")
    assert len(read.items) >= 2


def test_batch_that_breaks_off_keeps_what_came_before() -> None:
    text = json.dumps(GOOD)
    read = batch(f"[{text},{text},{text[:200]}".encode())
    assert received_accepted(read) == (3, 2)


def test_message_says_what_was_expected_and_what_came() -> None:
    unknown = {"time": "2026-11-23T00:00:00Z", "data": {"baseType": "Unknown", "baseData": {}}}
    late = {"time": "yesterday", "data": {"baseType": "RequestData", "baseData": {}}}
    errors = batch(json.dumps([unknown, late]).encode()).receipt.errors
    assert [error.message for error in errors] == [
        "data.baseType: expected one of the nine documented types such as RequestData, got 'Unknown'",
        "time: expected an ISO 8601 time, got 'yesterday'",
    ]


def test_batch_without_a_good_item_has_the_status_of_the_first() -> None:
    assert batch(b"[null]").receipt.status_code == 400


def test_app_id_belongs_to_the_instrumentation_key() -> None:
    ids = {batch(json.dumps([{**GOOD, "iKey": key}]).encode()).receipt.app_id for key in ("AB", "ab", "cd")}
    assert len(ids) == 2


def test_gzip_that_expands_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(BodyTooLargeError, match="expands to more than 1000000 bytes"):
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
def test_damaged_gzip_is_unreadable(damaged: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="expected gzip"):
        decompress(damaged, LIMIT)


def test_zeros_behind_gzip_are_padding() -> None:
    assert decompress(gzip.compress(b"[]") + b"\0" * 8, LIMIT) == b"[]"


def test_other_compression_is_no_telemetry() -> None:
    read = batch(zlib.compress(json.dumps([GOOD]).encode()))
    assert (read.items, read.receipt.status_code) == ([], 400)


@pytest.mark.parametrize("noise", [b"[" + b"1," * 64_001, b"x\n" * 64_001])
def test_noise_that_looks_like_countless_items_is_not_taken_apart(noise: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="at most 64,000 items"):
        read_batch(noise, INTAKE)


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
def test_broken_array_is_split_by_its_brackets_and_quotes(body: bytes, found: list[bytes]) -> None:
    assert split_items(body) == found
