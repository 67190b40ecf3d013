"""Rules that build a tree from items. Every test changes one thing about the example trace."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.item import Item, ItemType
from local_insights.model.transaction import MissingParent, Transaction, transaction
from support.example_operation import (
    ECHO,
    ENTRY,
    INSERT,
    LOG,
    OPERATION,
    START_US,
    STORAGE,
    TO_ECHO,
    TO_STORAGE,
    TRACE,
    dependency,
    log,
    request,
)


def built(*items: Item) -> Transaction:
    whole = transaction(OPERATION, items)
    assert whole is not None
    return whole


def tree(*items: Item) -> list[tuple[int, str]]:
    return [(item.depth, item.id or item.message or "") for item in built(*items).items]


CANONICAL = [(0, "f1"), (1, "d1"), (2, "e1"), (1, "d2"), (2, "s1"), (3, "about to insert"), (3, "q1")]


def test_one_operation_is_one_tree_in_depth_first_order() -> None:
    assert tree(*TRACE) == CANONICAL
    assert built(*TRACE).notes == ()


def test_transaction_has_the_name_of_its_outermost_request() -> None:
    whole = built(*TRACE)
    assert (whole.operation_id, whole.name, whole.role, whole.success) == (
        OPERATION,
        "POST /frontend",
        "frontend",
        True,
    )
    assert whole.roles == whole.components == ("echo", "frontend", "storage")


def test_role_of_several_applications_is_several_components() -> None:
    own, other, nameless = ("11111111-aaaa", "22222222-bbbb", "")
    whole = built(
        ENTRY._replace(role="Web", instrumentation_key=own),
        TO_ECHO._replace(role="Web", instrumentation_key=own),
        ECHO._replace(role="Web", instrumentation_key=other),
        STORAGE._replace(instrumentation_key=other),
    )
    assert whole.roles == ("Web", "storage")
    assert whole.components == ("Web (11111111)", "Web (22222222)", "storage")
    assert {item.component for item in whole.items if item.id in {"f1", "d1"}} == {"Web (11111111)"}
    with_unknown = built(ENTRY._replace(instrumentation_key=own), TO_ECHO._replace(instrumentation_key=nameless))
    assert with_unknown.components == ("frontend",)


def test_duration_is_from_the_first_start_to_the_last_end() -> None:
    whole = built(*TRACE, dependency("frontend", "after", "f1", 39, 11))
    assert whole.start_time == datetime.fromtimestamp(START_US / 1e6, UTC)
    assert whole.duration_ms == 50
    assert [item.offset_ms for item in whole.items] == [0, 1, 2, 10, 12, 14, 15, 39]


@given(st.permutations(TRACE))
def test_arrival_order_has_no_effect_property(arrived: Sequence[Item]) -> None:
    assert built(*arrived) == built(*TRACE)


def test_without_items_there_is_no_transaction() -> None:
    assert transaction(OPERATION, ()) is None


def test_item_with_a_missing_parent_is_one_level_below_it_and_has_a_note() -> None:
    whole = built(ENTRY, TO_ECHO, ECHO, STORAGE, LOG, INSERT)
    assert [(item.depth, item.id) for item in whole.items if item.id][-2:] == [(1, "s1"), (2, "q1")]
    assert whole.missing_parents == (MissingParent("d2", items=1, position=3),)
    assert whole.notes == ("1 item names d2 as parent, which has not arrived.",)


def test_items_of_one_missing_parent_are_grouped() -> None:
    early, late = (request("storage", name, "lost", at_ms, 1) for name, at_ms in (("s1", 2), ("s2", 60)))
    assert tree(early, late, dependency("storage", "q1", "s1", 3, 1), request("other", "o1", "absent", 4, 1)) == [
        (1, "s1"),
        (2, "q1"),
        (1, "s2"),
        (1, "o1"),
    ]
    assert [(parent.id, parent.position) for parent in built(early, late).missing_parents] == [("lost", 0)]


def test_transaction_with_an_unknown_caller_has_the_name_of_its_request() -> None:
    whole = built(log("frontend", "", -1, "starting"), ENTRY._replace(parent_id="browser"), TO_ECHO)
    assert (whole.name, whole.role) == ("POST /frontend", "frontend")


def test_only_five_missing_parents_are_listed() -> None:
    whole = built(*(log("frontend", f"lost{number}", number, "x") for number in range(7)))
    assert len(whole.notes) == 6
    assert whole.notes[-1] == "2 more parents have not arrived."


def test_operation_id_as_parent_is_not_a_missing_parent() -> None:
    whole = built(ENTRY._replace(parent_id=OPERATION), TO_ECHO)
    assert [item.depth for item in whole.items] == [0, 1]
    assert whole.notes == ()


def test_request_with_the_id_of_a_call_is_below_the_call() -> None:
    to_echo = dependency("frontend", "d1", "f1", 1, 5)
    served = request("echo", "d1", "f1", 2, 3)
    inner = dependency("echo", "q1", "d1", 3, 1)
    assert tree(ENTRY, to_echo, served, inner) == [(0, "f1"), (1, "d1"), (2, "d1"), (3, "q1")]


def test_item_that_is_its_own_parent_is_at_the_top_level() -> None:
    whole = built(ENTRY._replace(parent_id="f1"), TO_ECHO, ECHO)
    assert [(item.depth, item.id) for item in whole.items] == [(0, "f1"), (1, "d1"), (2, "e1")]
    assert whole.notes == ()


def test_cycle_is_shown_below_its_earliest_item() -> None:
    whole = built(ENTRY._replace(parent_id="e1"), TO_ECHO, ECHO)
    assert [(item.depth, item.id) for item in whole.items] == [(0, "f1"), (1, "d1"), (2, "e1")]
    assert whole.notes == ("Parent ids form a cycle; the earliest item of the cycle is shown at the top level.",)


def test_every_cycle_is_broken() -> None:
    first = (dependency("a", "a1", "a2", 1, 1), dependency("a", "a2", "a1", 2, 1))
    second = (dependency("b", "b1", "b2", 3, 1), dependency("b", "b2", "b1", 4, 1))
    assert tree(*first, *second) == [(0, "a1"), (1, "a2"), (0, "b1"), (1, "b2")]


def test_cycle_is_broken_at_its_earliest_item() -> None:
    outside = log("a", "a2", 0, "outside")
    ring = (dependency("a", "a1", "a2", 1, 1), dependency("a", "a2", "a1", 2, 1))
    assert tree(outside, *ring) == [(0, "a1"), (1, "a2"), (2, "outside")]


def test_each_of_two_attempts_with_one_id_has_its_own_request() -> None:
    again = TO_ECHO._replace(time_us=START_US + 20_000)
    second_request = request("echo", "e2", "d1", 21, 2)
    assert tree(ENTRY, TO_ECHO, ECHO, again, second_request) == [(0, "f1"), (1, "d1"), (2, "e1"), (1, "d1"), (2, "e2")]


def test_duplicate_item_is_shown_twice_and_its_children_once() -> None:
    assert Counter(tree(ENTRY, TO_ECHO, TO_ECHO, ECHO)) == {(0, "f1"): 1, (1, "d1"): 2, (2, "e1"): 1}


def test_request_with_the_id_of_its_call_is_below_the_call() -> None:
    shared = ECHO._replace(id="d1")
    message = log("echo", "d1", 3, "hello")
    assert tree(ENTRY, TO_ECHO, shared, message) == [(0, "f1"), (1, "d1"), (2, "d1"), (3, "hello")]


def test_parent_of_a_request_is_the_dependency_with_that_id() -> None:
    shared, forked = ECHO._replace(id="d1"), request("audit", "a1", "d1", 3, 1)
    assert tree(ENTRY, TO_ECHO, shared, forked) == [(0, "f1"), (1, "d1"), (2, "d1"), (2, "a1")]


def test_parent_of_a_log_is_the_span_of_its_own_role() -> None:
    shared = ECHO._replace(id="d1")
    assert tree(ENTRY, TO_ECHO, shared, log("frontend", "d1", 3, "waiting"))[-2:] == [(2, "d1"), (2, "waiting")]


def test_parent_of_a_log_is_the_attempt_in_progress() -> None:
    short_attempt = TO_ECHO._replace(time_us=START_US + 3_000, duration_us=1_000)
    rows = built(ENTRY, TO_ECHO, short_attempt, log("frontend", "d1", 5, "still waiting")).items
    assert [(item.depth, item.offset_ms) for item in rows] == [(0, 0), (1, 1), (2, 5), (1, 3)]


def test_in_process_dependency_may_be_between_request_and_call() -> None:
    inner = dependency("frontend", "i1", "f1", 0.5, 30)._replace(dependency_type="InProc")
    assert tree(ENTRY, inner, TO_ECHO._replace(parent_id="i1")) == [(0, "f1"), (1, "i1"), (2, "d1")]


def test_log_with_the_start_time_of_a_call_is_after_the_call() -> None:
    assert tree(ENTRY, log("frontend", "f1", 1, "now"), TO_ECHO) == [(0, "f1"), (1, "d1"), (1, "now")]


def test_logs_without_a_parent_are_at_the_top_level_by_time() -> None:
    assert tree(log("frontend", "", -1, "before"), ENTRY, log("frontend", "", 50, "after")) == [
        (0, "before"),
        (0, "f1"),
        (0, "after"),
    ]


@pytest.mark.parametrize("kind", list(ItemType))
def test_item_of_every_type_appears_exactly_once(kind: ItemType) -> None:
    other = log("storage", "s1", 13, "other")._replace(item_type=kind, name=f"a {kind}")
    whole = built(*TRACE, other)
    assert len(whole.items) == len(TRACE) + 1
    assert [(item.depth, item.name) for item in whole.items if item.name == f"a {kind}"] == [(3, f"a {kind}")]


def test_5000_nested_calls() -> None:
    chain = [dependency("a", f"{depth}", f"{depth - 1}" if depth else "", depth, 1) for depth in range(5000)]
    assert [item.depth for item in built(*chain).items] == list(range(5000))


def test_fields_that_an_item_does_not_have_are_none() -> None:
    trace = next(item for item in built(*TRACE).items if item.item_type == ItemType.TRACE)
    absent = (
        trace.id,
        trace.name,
        trace.type,
        trace.target,
        trace.data,
        trace.result_code,
        trace.success,
    )
    assert absent == (None,) * 7
    assert (trace.duration_ms, trace.value) == (None, None)
    assert (trace.message, trace.severity) == ("about to insert", 1)


def test_database_call_has_statement_and_target() -> None:
    call = next(item for item in built(*TRACE).items if item.id == "q1")
    assert (call.type, call.target, call.data, call.result_code) == (
        "MySQL",
        "127.0.0.1:3306 | mesh",
        "INSERT INTO value ...",
        "0",
    )


def test_properties_measurements_and_exceptions_are_parsed() -> None:
    error = log("storage", "s1", 13, "")._replace(
        item_type=ItemType.EXCEPTION,
        properties_json='{"line": "42"}',
        measurements_json='{"rows": 3.5}',
        exceptions_json=json.dumps([{"typeName": "ProgrammingError", "message": "no such table"}]),
    )
    item = next(item for item in built(*TRACE, error).items if item.item_type == ItemType.EXCEPTION)
    assert (item.properties, item.measurements) == ({"line": "42"}, {"rows": 3.5})
    assert item.title == "ProgrammingError"
    assert item.is_failure


@pytest.mark.parametrize(
    ("item", "fails"),
    [
        (ENTRY, False),
        (ENTRY._replace(success=False), True),
        (LOG._replace(severity=2), False),
        (LOG._replace(severity=3), True),
        (LOG._replace(severity=None), False),
    ],
)
def test_failures_are_failed_calls_exceptions_and_error_logs(item: Item, *, fails: bool) -> None:
    assert built(item).items[0].is_failure is fails


SPAN_IDS = st.sampled_from(["", "a", "b", "c", "d", OPERATION])


@given(
    st.lists(
        st.builds(
            lambda kind, id_, parent, at, lasts: request("r", id_, parent, at, lasts)._replace(item_type=kind),
            st.sampled_from(list(ItemType)),
            SPAN_IDS,
            SPAN_IDS,
            st.integers(0, 3),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_item_has_one_position_below_an_earlier_row_property(items: Sequence[Item]) -> None:
    whole = built(*items)
    rows = whole.items
    assert Counter((item.item_type, item.id or "", item.parent_id or "", item.offset_ms) for item in rows) == Counter(
        (item.item_type, item.id, item.parent_id, (item.time_us - min(other.time_us for other in items)) / 1000)
        for item in items
    )
    assert rows[0].depth == int(any(parent.position == 0 for parent in whole.missing_parents))
    assert all(after.depth <= before.depth + 1 for before, after in pairwise(rows))
    assert built(*reversed(items)) == built(*items)


def test_items_out_of_order_form_the_same_tree() -> None:
    assert tree(TO_STORAGE, STORAGE, ENTRY) == [(0, "f1"), (1, "d2"), (2, "s1")]
