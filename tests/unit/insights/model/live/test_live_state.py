"""Servers come and go, count once, and are bounded in number; the feed shows what was asked for."""

import threading

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.live.conditions import Condition, Predicate, TelemetryType
from local_insights.model.live.configuration import FAILED as FAILED_ONLY
from local_insights.model.live.configuration import FeedRule, LiveConfiguration
from local_insights.model.live.live_state import DOCUMENTS_PER_SECOND, MAX_DOCUMENTS, MAX_SERVERS, LiveState
from local_insights.model.live.server import MAX_DELAY_S, WINDOW_S
from local_insights.model.live.snapshot import Snapshot, snapshot
from support.live_reports import DURATION, FAILED, NOON_S, RATE, point, reported, sent
from support.stored_items import NOTHING, SECOND_US, call, request

NOON_US = int(NOON_S) * SECOND_US


def served(role: str = "orders", instance: str = "i1", **fields: object) -> Item:
    """A request that ended at noon."""
    served_by = request(role, "a" * 16, time_us=NOON_US - 1000, role_instance=instance, name="GET /orders")
    return served_by._replace(**fields)  # type: ignore[arg-type] # a test names fields of all types


def seen(board: LiveState, at_s: float = NOON_S + 1) -> Snapshot:
    return snapshot(board.copy(at_s))


def names(board: LiveState, at_s: float = NOON_S + 1) -> list[str]:
    """Names of the documents that the feed shows, oldest first."""
    return [one.document.name for one in seen(board, at_s).documents]


def test_server_that_reports_is_gone_after_twenty_seconds_of_silence() -> None:
    board = reported(point({RATE: 1}))
    assert len(seen(board, NOON_S + 20).servers) == 1
    assert len(seen(board, NOON_S + 21).servers) == 0
    assert max(value or 0 for value in seen(board, NOON_S + 21).series["requests_per_second"]) == 1


def test_server_known_from_telemetry_is_gone_after_a_minute_without() -> None:
    board = LiveState()
    board.observe([served()], NOON_S)
    assert [one.source for one in seen(board, NOON_S + WINDOW_S).servers] == ["telemetry"]
    assert len(seen(board, NOON_S + WINDOW_S + 1).servers) == 0


def test_server_that_reports_is_not_counted_from_its_telemetry() -> None:
    board = reported(point({RATE: 5}, role="orders", instance="i1"))
    board.observe([served("orders", "i1"), served("Orders", "I1")], NOON_S)
    assert [one.source for one in seen(board).servers] == ["protocol"]
    assert seen(board).latest("requests_per_second") == 5


def test_report_replaces_what_telemetry_told_of_the_server() -> None:
    board = LiveState()
    board.observe([served("orders", "i1"), served("orders", "i2")], NOON_S)
    board.report([point({RATE: 5}, role="orders", instance="i1")], NOON_S)
    assert [(one.instance, one.source) for one in seen(board).servers] == [("i1", "protocol"), ("i2", "telemetry")]
    assert seen(board).latest("requests_per_second") == 6


@pytest.mark.parametrize("instance", ["", "i1"])
def test_instance_without_a_name_can_be_any_of_its_role(instance: str) -> None:
    board = reported(point({RATE: 5}, role="orders", instance=instance))
    board.observe([served("orders", "" if instance else "i7"), served("billing", "")], NOON_S)
    assert [one.role for one in seen(board).servers] == ["billing", "orders"]


def test_telemetry_counts_again_when_the_reports_have_ended() -> None:
    board = reported(point({RATE: 5}))
    later_s = NOON_S + 21
    board.observe([served(time_us=NOON_US + 21 * SECOND_US - 1000)], later_s)
    assert [one.source for one in seen(board, later_s + 1).servers] == ["telemetry"]
    board.report([point({RATE: 5})], later_s)
    assert [one.source for one in seen(board, later_s + 1).servers] == ["protocol"]


def test_processes_of_one_name_are_told_apart_by_their_streams() -> None:
    board = reported(point({RATE: 5}, stream="1"), point({RATE: 2}, stream="2"))
    assert len({one.id for one in seen(board).servers}) == 2
    assert seen(board).latest("requests_per_second") == 7


def test_server_without_role_has_the_application_s() -> None:
    board = LiveState("shop")
    board.report([point({RATE: 5}, role="")], NOON_S)
    assert seen(board).servers[0].role == "shop"


def test_of_several_points_of_a_server_the_newest_counts() -> None:
    board = reported(point({RATE: 5}), point({RATE: 7}))
    assert seen(board).latest("requests_per_second") == 7


@pytest.mark.parametrize(("age_s", "known"), [(MAX_DELAY_S - 1, 1), (MAX_DELAY_S + 1, 0)])
def test_only_recent_telemetry_counts(age_s: int, known: int) -> None:
    board = LiveState()
    board.observe([served(time_us=NOON_US - age_s * SECOND_US)], NOON_S)
    assert len(seen(board).servers) == known


def test_batches_that_come_every_fifteen_seconds_make_a_steady_rate() -> None:
    board = LiveState()
    for batch in range(8):
        sent_s = NOON_S + 15 * batch
        ends = [NOON_US + (15 * batch - 15) * SECOND_US + step * SECOND_US // 10 for step in range(150)]
        board.observe([served(time_us=end - 1000) for end in ends], sent_s)
        if batch > 4:
            for after_s in range(1, 15):
                rates = seen(board, sent_s + after_s).series["requests_per_second"]
                assert set(rates[-40:]) == {10}


def test_browsers_are_no_servers() -> None:
    board = LiveState()
    board.observe([served(sdk_version="javascript:3.3.4"), served(item_type=ItemType.PAGE_VIEW)], NOON_S)
    assert seen(board).servers == ()


def test_the_server_that_was_silent_for_longest_makes_room() -> None:
    board = LiveState()
    board.observe([served(f"role-{number}") for number in range(MAX_SERVERS)], NOON_S)
    board.observe([served("role-0"), served("newcomer")], NOON_S)
    roles = {one.role for one in seen(board).servers}
    assert len(roles) == MAX_SERVERS
    assert {"role-0", "newcomer"} <= roles
    assert "role-1" not in roles


def test_seconds_that_no_chart_reaches_back_to_are_let_go_of() -> None:
    board = LiveState()
    for step in range(300):
        board.report([point({RATE: 1})], NOON_S + step)
        board.observe([served("billing", time_us=NOON_US + step * SECOND_US)], NOON_S + step)
    assert all(len(one.seconds) <= WINDOW_S + 2 for one in board.copy(NOON_S + 300).servers)


def test_feed_shows_failures_exceptions_events_and_traces() -> None:
    board = LiveState()
    items = [
        served(name="good"),
        served(name="bad", success=False),
        call("orders", "b", time_us=NOON_US, name="good call"),
        call("orders", "b", time_us=NOON_US, name="bad call", success=False),
        NOTHING._replace(time_us=NOON_US, item_type=ItemType.EXCEPTION, name="ValueError"),
        NOTHING._replace(time_us=NOON_US, item_type=ItemType.CUSTOM_EVENT, name="checkout"),
        NOTHING._replace(time_us=NOON_US, item_type=ItemType.TRACE, message="a line"),
        NOTHING._replace(time_us=NOON_US, item_type=ItemType.PERFORMANCE_COUNTER, name="counter"),
    ]
    board.observe(items, NOON_S)
    assert sorted(names(board)) == ["ValueError", "a line", "bad", "bad call", "checkout"]


def test_feed_shows_what_it_is_asked_for() -> None:
    board = LiveState()
    text = Condition("*", Predicate.CONTAINS, "Tenant-7")
    board.configure(LiveConfiguration(feed=(FeedRule(TelemetryType.REQUEST, (text,)),)))
    items = [
        served(name="one"),
        served(name="two", properties_json='{"who": "tenant-7"}'),
        served(name="three", data="http://orders/tenant-7", success=False),
        NOTHING._replace(time_us=NOON_US, message="tenant-7"),
    ]
    board.observe(items, NOON_S)
    assert names(board) == ["two", "three"]


def test_documents_that_a_server_did_not_choose_are_looked_at_here() -> None:
    board = reported(
        point(
            {},
            sent("request", matched_by_server=False, Name="good", Success="true"),
            sent("request", matched_by_server=False, Name="bad", Success="false"),
            sent("dependency", matched_by_server=False, Name="nobody knows"),
            sent("trace", matched_by_server=False, Message="a line"),
        )
    )
    assert names(board) == ["bad", "a line"]


def test_what_a_server_chose_when_asked_for_failures_is_a_failure() -> None:
    board = reported(point({}, sent("dependency", Name="INSERT")))
    (shown,) = seen(board).documents
    assert shown.document.success is False


def test_further_conditions_are_looked_at_again_because_python_follows_the_first_alone() -> None:
    board = LiveState()
    text = Condition("*", Predicate.CONTAINS, "/orders")
    board.configure(LiveConfiguration(feed=(FeedRule(TelemetryType.REQUEST, (FAILED_ONLY, text)),)))
    documents = (sent("request", Name="GET /orders"), sent("request", Name="GET /health"))
    board.report([point({}, *documents)], NOON_S)
    assert names(board) == ["GET /orders"]


def test_feed_is_bounded_a_second_and_altogether() -> None:
    board = LiveState()
    for step in range(10):
        moment_us = NOON_US + step * SECOND_US
        board.observe([served(success=False, time_us=moment_us)] * 1000, NOON_S + step)
        assert seen(board, NOON_S + step).documents[-1].number == DOCUMENTS_PER_SECOND * (step + 1)
    assert len(seen(board, NOON_S + 10).documents) == MAX_DOCUMENTS
    assert seen(board, NOON_S + 10).series["failed_requests_per_second"][-1] == 1000


def test_long_texts_are_cut_before_they_are_kept() -> None:
    board = LiveState()
    board.observe([served(success=False, name="x" * 100_000, data="y" * 100_000)], NOON_S)
    (shown,) = seen(board).documents
    assert (len(shown.document.name), len(shown.document.detail)) == (300, 1000)


def test_etag_changes_with_what_is_asked_for_and_with_nothing_else() -> None:
    other = LiveConfiguration(feed=())
    assert LiveConfiguration().etag == LiveConfiguration().etag
    assert other.etag != LiveConfiguration().etag


def test_reports_and_telemetry_may_come_from_any_thread() -> None:
    board = LiveState()

    def work(number: int) -> None:
        for _ in range(50):
            board.report([point({RATE: 2, FAILED: 1, DURATION: 3}, stream=f"s{number}")], NOON_S)
            board.observe([served(f"role-{number}")], NOON_S)
            seen(board)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.values["requests_per_second"] or 0 for one in seen(board).servers if one.role != "orders") == 200
