"""Property test: a value of a wrong type never vanishes. It is found in an item, or the reason of the rejection."""

import json
import random
from typing import Any

import pytest

from local_insights.backup.envelopes import envelope_line
from local_insights.ingest.batch import read_batch
from local_insights.ingest.policy import IngestPolicy
from support.fuzzed_batches import ALL, fields_of

POLICY = IngestPolicy("app", keep_sdk_statistics=True)
BY_TYPE = {
    envelope["data"]["baseType"]: envelope for envelope in sorted(ALL, key=lambda one: len(list(fields_of(one))))
}
"""The captured envelope of each type with the most fields."""
MARK = "mark7351"
NUMBER = 98765432109876543210987654321
WRONG: dict[str, Any] = {
    "text": MARK,
    "object": {"a": MARK},
    "list": [MARK],
    "list in a list": [[MARK]],
    "objects and texts": [{"a": 1}, MARK],
    "number": NUMBER,
}
OF_OBJECTS = ("data", "baseData", "metrics", "exceptions", "parsedStack")
"""Fields for which an object is not a wrong type; the elements of a list are others."""
LIMITED = ("duration", "value", "sampleRate")
"""Fields whose numbers have a range, or the precision of floating point numbers."""
OUTSIDE = ("ver", "name", "flags", "seq")
"""Fields of the schema that Local Insights does not read."""


def replaced(envelope: dict[str, Any], number: int, value: object) -> tuple[str, dict[str, Any]]:
    """Return the name of a field, and the envelope with another value in it."""
    other = json.loads(json.dumps(envelope))
    container, key = list(fields_of(other))[number]
    container[key] = value
    return str(key), other


@pytest.mark.parametrize("base_type", BY_TYPE)
def test_value_of_a_wrong_type_in_any_field_is_stored_or_rejected_with_a_reason(base_type: str) -> None:
    envelope = BY_TYPE[base_type]
    for kind, value in WRONG.items():
        for number in range(len(list(fields_of(envelope)))):
            name, sent = replaced(envelope, number, value)
            if (kind.startswith("object") and (name in OF_OBJECTS or name.isdigit())) or (
                kind == "number" and name in LIMITED
            ):
                continue
            batch = read_batch(json.dumps(sent).encode(), POLICY)
            stored = b"".join(map(envelope_line, batch.items)).decode()
            mark = str(NUMBER) if kind == "number" else MARK
            lost = bool(batch.items) and mark not in stored
            assert not lost or name in OUTSIDE, f"{kind} in {name}: {stored}"
            assert batch.items or batch.response.errors


def test_order_of_fields_and_other_values_do_not_change_a_large_integer() -> None:
    sequence = random.Random(1)  # noqa: S311 - a reproducible sequence
    envelope = BY_TYPE["RequestData"]
    others = [1, {"a": 1}, None, "x" * 9_000, 1e308]
    for _ in range(20):
        sent = json.loads(json.dumps(envelope))
        properties = [("n", NUMBER), *((f"p{i}", sequence.choice(others)) for i in range(3))]
        sequence.shuffle(properties)
        sent["data"]["baseData"]["properties"] = dict(properties)
        (item,) = read_batch(json.dumps(sent).encode(), POLICY).items
        assert json.loads(item.properties_json)["n"] == str(NUMBER)
