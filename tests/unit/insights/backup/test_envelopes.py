"""Round trip of items through envelopes: for telemetry of real SDKs, and for every item type."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.backup.envelopes import envelope_line
from local_insights.model.item import ItemType
from support.captured_posts import posts
from support.items import EMPTY_ITEM
from support.read_items import read_items

ENVELOPES = [msgspec.json.encode(envelope) for post in posts() for envelope in post.envelopes]


def test_captured_telemetry_of_real_sdks_survives_the_round_trip() -> None:
    items = [item for envelope in ENVELOPES for item in read_items(envelope)]

    assert len({item.item_type for item in items}) >= 5
    assert [read_items(envelope_line(item)) for item in items] == [[item] for item in items]


KINDS: dict[ItemType, dict[str, object]] = {
    ItemType.PAGE_VIEW: {"id": "a1", "data": "/cart", "details_json": '{"referrerUri":"/"}'},
    ItemType.BROWSER_TIMING: {"id": "a1", "data": "/", "details_json": '{"perfTotal":1.5,"domProcessing":0.25}'},
    ItemType.AVAILABILITY_RESULT: {"id": "a1", "success": False, "message": "no", "details_json": '{"size":2.5}'},
    ItemType.CUSTOM_EVENT: {},
    ItemType.CUSTOM_METRIC: {
        "value": 4.5,
        "value_count": 2,
        "value_min": 1.0,
        "value_max": 3.5,
        "value_std_dev": 0.5,
        "details_json": '{"ns":"shop","kind":"Aggregation"}',
    },
}


def test_round_trip_of_every_item_type_is_tested() -> None:
    captured = {item.item_type for envelope in ENVELOPES for item in read_items(envelope)}
    assert captured | set(KINDS) == set(ItemType)


@pytest.mark.parametrize("kind", KINDS)
def test_fields_of_each_item_type_survive_the_round_trip(kind: ItemType) -> None:
    timed = kind not in (ItemType.CUSTOM_EVENT, ItemType.CUSTOM_METRIC)
    own = {"item_type": kind, "name": "a name", "duration_us": 1_500 if timed else None, **KINDS[kind]}
    item = EMPTY_ITEM._replace(**own, properties_json='{"a":"b"}')  # type: ignore[arg-type]

    assert read_items(envelope_line(item)) == [item]


@given(
    st.sampled_from([ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.TRACE]),
    st.integers(0, 999 * 86_400_000_000),
    st.integers(1, 1_000_000),
    st.text(min_size=1, max_size=50),
)
def test_durations_item_counts_and_texts_are_exact(kind: ItemType, duration_us: int, weight: int, text: str) -> None:
    item = EMPTY_ITEM._replace(item_type=kind, item_count=weight, role=text, tags_json='{"ai.user.id":"u"}')
    if kind == ItemType.TRACE:
        item = item._replace(message=text, severity=3)
    else:
        item = item._replace(id="a1", name=text, duration_us=duration_us, success=True, result_code=text)
    if kind == ItemType.DEPENDENCY:
        item = item._replace(dependency_type="redis", target="cache", data=text)

    assert read_items(envelope_line(item)) == [item]


def test_exported_ids_are_the_ids_that_were_sent() -> None:
    item = EMPTY_ITEM._replace(id="b7ad6b7169203331", sent_json='{"id":"|4bf92f3577b34da6.b7ad6b7169203331."}')
    request = item._replace(item_type=ItemType.REQUEST, success=True)

    assert read_items(envelope_line(request)) == [request]


def test_exported_type_and_target_are_the_values_that_were_sent() -> None:
    call = EMPTY_ITEM._replace(item_type=ItemType.DEPENDENCY, success=True, dependency_type="HTTP", target="stock")
    item = call._replace(sent_json='{"target":"http://stock:80/","type":"Http"}')

    assert b'"type":"Http"' in envelope_line(item)
    assert read_items(envelope_line(item)) == [item]
