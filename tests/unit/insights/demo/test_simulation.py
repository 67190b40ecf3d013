"""Properties of the sample telemetry of `insights demo`."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from local_insights.demo.envelopes import Envelope
from local_insights.demo.shop import BROWSER, SERVERS
from local_insights.demo.simulation import Incident, shop_envelopes
from local_insights.ingest.coerce import Deviations
from local_insights.ingest.normalize import items_of, read_base_data, read_envelope
from local_insights.ingest.resources import ResourceCache
from local_insights.model.item import Item, ItemType

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
INCIDENT = Incident(START + timedelta(minutes=35), START + timedelta(minutes=42))
INCIDENT_US = range(*(int(time.timestamp() * 1e6) for time in (INCIDENT.start, INCIDENT.end)))


@pytest.fixture(scope="module")
def envelopes() -> list[Envelope]:
    return shop_envelopes(1, START, END, INCIDENT)


@pytest.fixture(scope="module")
def items(envelopes: list[Envelope]) -> list[Item]:
    """The items that ingest makes of the envelopes; no text is truncated."""
    deviations = Deviations()
    found = []
    for sent in envelopes:
        read = read_envelope(msgspec.json.encode(sent), deviations)
        found += items_of(read, read_base_data(read, deviations), ResourceCache("application"), deviations)
    assert (deviations.truncated, deviations.properties) == ({}, {})
    return found


def test_same_seed_and_time_return_the_same_envelopes(envelopes: list[Envelope]) -> None:
    assert shop_envelopes(1, START, END, INCIDENT) == envelopes
    assert shop_envelopes(2, START, END, INCIDENT) != envelopes


def test_runs_at_different_times_have_different_operations(envelopes: list[Envelope]) -> None:
    later = shop_envelopes(1, START + timedelta(minutes=1), END, INCIDENT)
    assert not operation_ids(later) & operation_ids(envelopes)


def operation_ids(envelopes: list[Envelope]) -> set[str]:
    return {sent["tags"]["ai.operation.id"] for sent in envelopes if "ai.operation.id" in sent["tags"]}


def test_every_item_type_occurs(items: list[Item]) -> None:
    assert {item.item_type for item in items} == set(ItemType)


def test_every_role_occurs(items: list[Item]) -> None:
    assert {item.role for item in items} == {BROWSER, *SERVERS}


def test_ids_are_unique_w3c_ids(items: list[Item]) -> None:
    spans = [item for item in items if item.item_type in (ItemType.REQUEST, ItemType.DEPENDENCY)]
    assert max(Counter(item.id for item in spans).values()) == 1
    assert {len(item.id) for item in spans} == {16}
    assert {len(item.operation_id) for item in spans} == {32}


def test_every_parent_exists_in_the_same_operation(items: list[Item]) -> None:
    ids = {(item.operation_id, item.id) for item in items if item.id}
    assert [item for item in items if item.parent_id and (item.operation_id, item.parent_id) not in ids] == []


def test_every_span_is_within_the_time_range(items: list[Item]) -> None:
    start_us, end_us = (int(time.timestamp() * 1e6) for time in (START, END))
    for item in items:
        assert start_us <= item.time_us
        assert item.time_us + (item.duration_us or 0) <= end_us


def test_requests_start_after_the_calls_that_cause_them(items: list[Item]) -> None:
    calls = {item.id: item for item in items if item.item_type == ItemType.DEPENDENCY}
    for item in items:
        if item.item_type == ItemType.REQUEST and item.parent_id in calls:
            assert item.time_us >= calls[item.parent_id].time_us


def test_payment_provider_fails_during_the_incident_only(items: list[Item]) -> None:
    calls = [item for item in items if item.target == "api.cards.example"]
    during = [item for item in calls if item.time_us in INCIDENT_US]
    otherwise = [item for item in calls if item.time_us not in INCIDENT_US]
    assert sum(not item.success for item in during) > 0.5 * len(during)
    assert sum(not item.success for item in otherwise) < 0.1 * len(otherwise)


def test_failures_of_the_provider_reach_the_browser(items: list[Item]) -> None:
    failed = {item.operation_id for item in items if item.target == "api.cards.example" and not item.success}
    in_browser = {item.operation_id for item in items if item.role == BROWSER and item.item_type == ItemType.EXCEPTION}
    assert failed & in_browser


def test_short_range_has_at_least_one_operation() -> None:
    sent = shop_envelopes(1, START, START + timedelta(seconds=5))
    assert "RequestData" in {envelope["data"]["baseType"] for envelope in sent}
