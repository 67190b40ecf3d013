"""Values of custom dimensions: containers are JSON, any other value is text, and no value raises."""

import json
import math
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.recorded_telemetry import Recorded
from telemetry._internal.formatting import property_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
CYCLE: list[Any] = []
CYCLE.append(CYCLE)


class Unprintable:
    def __str__(self) -> NoReturn:
        raise RuntimeError

    def __repr__(self) -> NoReturn:
        raise RuntimeError


@settings(max_examples=50)
@given(st.lists(JSON, max_size=3) | st.dictionaries(st.text(), JSON, max_size=3))
def test_containers_are_json(value: object) -> None:
    assert json.loads(property_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"id": 1}, '{"id": 1}'),
        ((1, "ü"), '[1, "ü"]'),
        (frozenset({7}), "[7]"),
        (MappingProxyType({"a": OrderedDict(b=1)}), '{"a": {"b": 1}}'),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC)}, '{"at": "2026-01-02 00:00:00+00:00"}'),
        ([Decimal("1.50")], '["1.50"]'),
        ({"ratio": math.nan, "limit": math.inf}, '{"ratio": "nan", "limit": "inf"}'),
        ({(1, 2): {3}, None: b"x"}, '{"(1, 2)": [3], "None": "x"}'),
        ([Unprintable()], '["Unprintable"]'),
        ({"a": {1: 10**5000}}, "dict"),
        (17, "17"),
        ("text", "text"),
        (None, "None"),
    ],
)
def test_text_of_a_value(value: object, text: str) -> None:
    assert property_text(value) == text


def test_cycles_end() -> None:
    assert json.loads(property_text(CYCLE)) == [[[[[["[[...]]"]]]]]]


def test_all_custom_dimensions_are_json(recorded: Recorded) -> None:
    order = {"id": 1}
    with recorded.telemetry.span("work") as span:
        span.add_attribute("order", order)
        recorded.telemetry.event("placed", {"order": order})
        recorded.telemetry.metric("orders").record(1, order=order)
    recorded.telemetry.close()
    properties = [
        recorded.spans.items("RemoteDependencyData")[0]["properties"],
        recorded.logs.items("EventData")[0]["properties"],
        recorded.measurements("orders")[0]["properties"],
    ]
    assert [each["order"] for each in properties] == ['{"id": 1}'] * 3
