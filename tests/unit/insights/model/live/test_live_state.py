"""Servers appear, expire, are counted once and are limited in number; the feed follows its rules."""

import threading

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.live.conditions import Condition, Predicate, TelemetryType
from local_insights.model.live.configuration import FAILED as FAILED_ONLY
from local_insights.model.live.configuration import FeedRule, LiveConfiguration
from local_insights.model.live.live_state import DOCUMENTS_PER_SECOND, MAX_DOCUMENTS, MAX_SERVERS, LiveState
from local_insights.model.live.server import MAX_DELAY_S, WINDOW_S
from local_insights.model.live.snapshot import Snapshot, snapshot
from support.items import EMPTY_ITEM, SECOND_US, call, request
from support.live_reports import DURATION, FAILED, NOON_S, RATE, point, reported, sent

NOON_US = int(NOON_S) * SECOND_US


def served(role: str = "orders", instance: str = "i1", **fields: object) -> Item:
    """A request that ended at noon."""
    ended = request(role, "a" * 16, time_us=NOON_US - 1000, role_instance=instance, name="GET /orders")
    return ended._replace(**fields)  # type: ignore[arg-type] # fields of several types


def seen(live_state: LiveState, at_s: float = NOON_S + 1) -> Snapshot:
    return snapshot(live_state.copy(at_s))


def names(live_state: LiveState, at_s: float = NOON_S + 1) -> list[str]:
    """Return the names of the documents in the feed, oldest first."""
    return [one.document.name for one in seen(live_state, at_s).documents]


def test_reporting_server_is_offline_20_s_after_its_last_report() -> None:
    live_state = reported(point({RATE: 1}))
    assert len(seen(live_state, NOON_S + 20).servers) == 1
    assert len(seen(live_state, NOON_S + 21).servers) == 0
    assert max(value or 0 for value in seen(live_state, NOON_S + 21).series["requests_per_second"]) == 1


def test_server_with_telemetry_only_is_offline_60_s_after_its_last_item() -> None:
    live_state = LiveState()
    live_state.observe([served()], NOON_S)
    assert [one.source for one in seen(live_state, NOON_S + WINDOW_S).servers] == ["telemetry"]
    assert len(seen(live_state, NOON_S + WINDOW_S + 1).servers) == 0


def test_telemetry_of_a_reporting_server_is_not_counted() -> None:
    live_state = reported(point({RATE: 5}, role="orders", instance="i1"))
    live_state.observe([served("orders", "i1"), served("Orders", "I1")], NOON_S)
    assert [one.source for one in seen(live_state).servers] == ["protocol"]
    assert seen(live_state).latest("requests_per_second") == 5


def test_report_replaces_the_values_from_telemetry() -> None:
    live_state = LiveState()
    live_state.observe([served("orders", "i1"), served("orders", "i2")], NOON_S)
    live_state.report([point({RATE: 5}, role="orders", instance="i1")], NOON_S)
    assert [(one.instance, one.source) for one in seen(live_state).servers] == [("i1", "protocol"), ("i2", "telemetry")]
    assert seen(live_state).latest("requests_per_second") == 6


@pytest.mark.parametrize("instance", ["", "i1"])
def test_instance_without_name_matches_any_instance_of_its_role(instance: str) -> None:
    live_state = reported(point({RATE: 5}, role="orders", instance=instance))
    live_state.observe([served("orders", "" if instance else "i7"), served("billing", "")], NOON_S)
    assert [one.role for one in seen(live_state).servers] == ["billing", "orders"]


def test_telemetry_is_counted_again_after_the_last_report() -> None:
    live_state = reported(point({RATE: 5}))
    later_s = NOON_S + 21
    live_state.observe([served(time_us=NOON_US + 21 * SECOND_US - 1000)], later_s)
    assert [one.source for one in seen(live_state, later_s + 1).servers] == ["telemetry"]
    live_state.report([point({RATE: 5})], later_s)
    assert [one.source for one in seen(live_state, later_s + 1).servers] == ["protocol"]


def test_processes_with_the_same_name_are_distinguished_by_their_stream_id() -> None:
    live_state = reported(point({RATE: 5}, stream="1"), point({RATE: 2}, stream="2"))
    assert len({one.id for one in seen(live_state).servers}) == 2
    assert seen(live_state).latest("requests_per_second") == 7


def test_server_without_role_has_the_role_of_the_application() -> None:
    live_state = LiveState("shop")
    live_state.report([point({RATE: 5}, role="")], NOON_S)
    assert seen(live_state).servers[0].role == "shop"


def test_newest_of_several_data_points_of_a_server_is_counted() -> None:
    live_state = reported(point({RATE: 5}), point({RATE: 7}))
    assert seen(live_state).latest("requests_per_second") == 7


@pytest.mark.parametrize(("age_s", "count"), [(MAX_DELAY_S - 1, 1), (MAX_DELAY_S + 1, 0)])
def test_only_recent_telemetry_is_counted(age_s: int, count: int) -> None:
    live_state = LiveState()
    live_state.observe([served(time_us=NOON_US - age_s * SECOND_US)], NOON_S)
    assert len(seen(live_state).servers) == count


def test_batches_every_15_s_result_in_a_constant_rate() -> None:
    live_state = LiveState()
    for batch in range(8):
        sent_s = NOON_S + 15 * batch
        ends = [NOON_US + (15 * batch - 15) * SECOND_US + step * SECOND_US // 10 for step in range(150)]
        live_state.observe([served(time_us=end - 1000) for end in ends], sent_s)
        if batch > 4:
            for after_s in range(1, 15):
                rates = seen(live_state, sent_s + after_s).series["requests_per_second"]
                assert set(rates[-40:]) == {10}


def test_browsers_are_not_servers() -> None:
    live_state = LiveState()
    live_state.observe([served(sdk_version="javascript:3.3.4"), served(item_type=ItemType.PAGE_VIEW)], NOON_S)
    assert seen(live_state).servers == ()


def test_server_with_the_oldest_report_is_removed_over_the_limit() -> None:
    live_state = LiveState()
    live_state.observe([served(f"role-{number}") for number in range(MAX_SERVERS)], NOON_S)
    live_state.observe([served("role-0"), served("newcomer")], NOON_S)
    roles = {one.role for one in seen(live_state).servers}
    assert len(roles) == MAX_SERVERS
    assert {"role-0", "newcomer"} <= roles
    assert "role-1" not in roles


def test_seconds_older_than_the_charts_are_deleted() -> None:
    live_state = LiveState()
    for step in range(300):
        live_state.report([point({RATE: 1})], NOON_S + step)
        live_state.observe([served("billing", time_us=NOON_US + step * SECOND_US)], NOON_S + step)
    assert all(len(one.seconds) <= WINDOW_S + 2 for one in live_state.copy(NOON_S + 300).servers)


def test_default_feed_shows_failures_exceptions_events_and_traces() -> None:
    live_state = LiveState()
    items = [
        served(name="good"),
        served(name="bad", success=False),
        call("orders", "b", time_us=NOON_US, name="good call"),
        call("orders", "b", time_us=NOON_US, name="bad call", success=False),
        EMPTY_ITEM._replace(time_us=NOON_US, item_type=ItemType.EXCEPTION, name="ValueError"),
        EMPTY_ITEM._replace(time_us=NOON_US, item_type=ItemType.CUSTOM_EVENT, name="checkout"),
        EMPTY_ITEM._replace(time_us=NOON_US, item_type=ItemType.TRACE, message="a line"),
        EMPTY_ITEM._replace(time_us=NOON_US, item_type=ItemType.PERFORMANCE_COUNTER, name="counter"),
    ]
    live_state.observe(items, NOON_S)
    assert sorted(names(live_state)) == ["ValueError", "a line", "bad", "bad call", "checkout"]


def test_feed_follows_the_configuration() -> None:
    live_state = LiveState()
    text = Condition("*", Predicate.CONTAINS, "Tenant-7")
    live_state.configure(LiveConfiguration(feed=(FeedRule(TelemetryType.REQUEST, (text,)),)))
    items = [
        served(name="one"),
        served(name="two", properties_json='{"who": "tenant-7"}'),
        served(name="three", data="http://orders/tenant-7", success=False),
        EMPTY_ITEM._replace(time_us=NOON_US, message="tenant-7"),
    ]
    live_state.observe(items, NOON_S)
    assert names(live_state) == ["two", "three"]


def test_documents_of_a_server_without_filters_are_filtered_here() -> None:
    live_state = reported(
        point(
            {},
            sent("request", matched_by_server=False, Name="good", Success="true"),
            sent("request", matched_by_server=False, Name="bad", Success="false"),
            sent("dependency", matched_by_server=False, Name="unknown"),
            sent("trace", matched_by_server=False, Message="a line"),
        )
    )
    assert names(live_state) == ["bad", "a line"]


def test_document_of_a_server_that_filters_failures_is_a_failure() -> None:
    live_state = reported(point({}, sent("dependency", Name="INSERT")))
    (shown,) = seen(live_state).documents
    assert shown.document.success is False


def test_all_conditions_are_evaluated_because_python_applies_only_the_first() -> None:
    live_state = LiveState()
    text = Condition("*", Predicate.CONTAINS, "/orders")
    live_state.configure(LiveConfiguration(feed=(FeedRule(TelemetryType.REQUEST, (FAILED_ONLY, text)),)))
    documents = (sent("request", Name="GET /orders"), sent("request", Name="GET /health"))
    live_state.report([point({}, *documents)], NOON_S)
    assert names(live_state) == ["GET /orders"]


def test_feed_is_limited_per_second_and_in_total() -> None:
    live_state = LiveState()
    for step in range(10):
        at_us = NOON_US + step * SECOND_US
        live_state.observe([served(success=False, time_us=at_us)] * 1000, NOON_S + step)
        assert seen(live_state, NOON_S + step).documents[-1].number == DOCUMENTS_PER_SECOND * (step + 1)
    assert len(seen(live_state, NOON_S + 10).documents) == MAX_DOCUMENTS
    assert seen(live_state, NOON_S + 10).series["failed_requests_per_second"][-1] == 1000


def test_long_texts_are_truncated_before_they_are_stored() -> None:
    live_state = LiveState()
    live_state.observe([served(success=False, name="x" * 100_000, data="y" * 100_000)], NOON_S)
    (shown,) = seen(live_state).documents
    assert (len(shown.document.name), len(shown.document.detail)) == (300, 1000)


def test_etag_changes_only_with_the_configuration() -> None:
    other = LiveConfiguration(feed=())
    assert LiveConfiguration().etag == LiveConfiguration().etag
    assert other.etag != LiveConfiguration().etag


def test_reports_and_telemetry_may_arrive_from_any_thread() -> None:
    live_state = LiveState()

    def work(number: int) -> None:
        for _ in range(50):
            live_state.report([point({RATE: 2, FAILED: 1, DURATION: 3}, stream=f"s{number}")], NOON_S)
            live_state.observe([served(f"role-{number}")], NOON_S)
            seen(live_state)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        sum(one.values["requests_per_second"] or 0 for one in seen(live_state).servers if one.role != "orders") == 200
    )
