"""Every hostile value at every place of an envelope of every type that was captured, one by one."""

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
from support.fuzzed_batches import ALL, HOSTILE, NESTED, fields_of, good_element

INTAKE = IngestPolicy("app", keep_sdk_statistics=True)
MARK = "the value"
VALUES = [json.dumps(value).replace('"deep"', NESTED.decode()).encode() for value in HOSTILE]
SHAPES = {
    (envelope["data"]["baseType"], "sampleRate" in envelope): envelope
    for envelope in sorted(ALL, key=lambda envelope: len(list(fields_of(envelope))))
}
"""The largest envelope of each type, sampled and not."""


def marked(envelope: dict[str, Any]) -> Iterator[bytes]:
    """The text of the envelope with a mark at one place, for each of its fields_of."""
    for number in range(len(list(fields_of(envelope)))):
        other = copy.deepcopy(envelope)
        holder, key = list(fields_of(other))[number]
        holder[key] = MARK
        yield json.dumps(other).encode()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_no_value_at_any_place_costs_more_than_its_item(shape: tuple[str, bool], tmp_path: Path) -> None:
    good = good_element("kept")
    texts = list(marked(SHAPES[shape]))
    kept = []
    for text in texts:
        odd = [text.replace(json.dumps(MARK).encode(), value) for value in VALUES]
        read = read_batch(b"[%b]" % b",".join([good, *odd, good]), INTAKE)
        assert read.receipt.items_received == len(odd) + 2, text
        assert [item.operation_id for item in (read.items[0], read.items[-1])] == ["kept", "kept"], text
        kept += read.items
    store = DuckDBStore(tmp_path)
    anyio.run(store.append, kept)
    assert len(store.transaction("kept")) == 2 * len(texts)
    store.close()
