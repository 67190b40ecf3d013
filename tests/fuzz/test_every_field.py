"""Every hostile value in every field of a captured envelope of every type, one at a time."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from local_insights.ingest.batch import read_batch
from local_insights.ingest.policy import IngestPolicy
from local_insights.store.duckdb.store import DuckDBStore
from support.fuzzed_batches import ALL, HOSTILE, NESTED, fields_of, valid_item

POLICY = IngestPolicy("app", keep_sdk_statistics=True)
MARK = "the value"
VALUES = [json.dumps(value).replace('"deep"', NESTED.decode()).encode() for value in HOSTILE]
SHAPES = {
    (envelope["data"]["baseType"], "sampleRate" in envelope): envelope
    for envelope in sorted(ALL, key=lambda envelope: len(list(fields_of(envelope))))
}
"""The largest envelope of each type, sampled and not."""


def marked(envelope: dict[str, Any]) -> Iterator[bytes]:
    """Yield the JSON of the envelope with a mark in one field, for each of its fields."""
    for number in range(len(list(fields_of(envelope)))):
        other = copy.deepcopy(envelope)
        container, key = list(fields_of(other))[number]
        container[key] = MARK
        yield json.dumps(other).encode()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_hostile_value_in_any_field_affects_only_its_item(shape: tuple[str, bool], tmp_path: Path) -> None:
    valid = valid_item("valid")
    texts = list(marked(SHAPES[shape]))
    items = []
    for text in texts:
        hostile = [text.replace(json.dumps(MARK).encode(), value) for value in VALUES]
        read = read_batch(b"[%b]" % b",".join([valid, *hostile, valid]), POLICY)
        assert read.response.items_received == len(hostile) + 2, text
        assert [item.operation_id for item in (read.items[0], read.items[-1])] == ["valid", "valid"], text
        items += read.items
    store = DuckDBStore(tmp_path)
    anyio.run(store.append, items)
    assert len(store.transaction("valid")) == 2 * len(texts)
    store.close()
