"""Linking of calls to the roles that served them: each test changes one property of a simple call."""

import anyio
import pytest

from local_insights.model.application_map import application_map
from local_insights.model.call_rows import CallRows, InstanceRow, LinkRow, MissingParentRow, RoleRow, RootRequestRow
from local_insights.model.item import Item, ItemType
from local_insights.model.selection import NodeRef
from local_insights.model.statistics import CallStatistics, bucket
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from support.items import EMPTY_ITEM, HOUR_US, MINUTE_US, NOON_US, SECOND_US, call, in_process, request

NOON_HOUR = TimeRange(NOON_US, NOON_US + HOUR_US)
ONE_CALL = CallStatistics(1, 0, 1000, {bucket(1000): 1})

Linked = tuple[str, str | None]


def counted(store: Store, *items: Item) -> CallRows:
    anyio.run(store.append, items)
    return store.call_rows(NOON_HOUR)


def links(rows: CallRows) -> list[Linked]:
    return [(link.source_role, link.target_role) for link in rows.links]


def test_call_is_served_by_the_request_that_has_it_as_parent(store: Store) -> None:
    rows = counted(store, request("frontend", "a1"), call("frontend", "b1", "a1"), request("echo", "c1", "b1"))
    assert rows == CallRows(
        roles=(RoleRow("echo", 1, ONE_CALL), RoleRow("frontend", 1, ONE_CALL)),
        links=(LinkRow("frontend", "echo", "HTTP", "127.0.0.1:8001", ONE_CALL),),
        root_requests=(RootRequestRow("frontend", ONE_CALL),),
        missing_parents=(),
        instances=tuple(InstanceRow(role, "vm", CallStatistics(1, 0, 1000)) for role in ("echo", "frontend")),
    )


def test_call_without_a_child_request_has_no_target_role(store: Store) -> None:
    rows = counted(store, call("storage", "b1", dependency_type="MySQL", target="db:3306 | mesh"))
    assert rows.links == (LinkRow("storage", None, "MySQL", "db:3306 | mesh", ONE_CALL),)


def test_same_span_id_in_another_operation_does_not_match(store: Store) -> None:
    rows = counted(store, call("frontend", "b1"), request("echo", "c1", "b1", operation_id="0af7651916cd43dd"))
    assert links(rows) == [("frontend", None)]
    assert rows.missing_parents == (MissingParentRow("echo", ONE_CALL),)


def test_operation_id_as_parent_is_no_parent_unless_an_item_has_that_id(store: Store) -> None:
    root = request("web", "a1", EMPTY_ITEM.operation_id)
    rows = counted(store, root, request("web", "a2", "other", operation_id="other"))
    assert (rows.root_requests[0].statistics.calls, rows.missing_parents) == (2, ())
    page_view = EMPTY_ITEM._replace(item_type=ItemType.PAGE_VIEW, id=EMPTY_ITEM.operation_id)
    rows = counted(store, page_view)
    assert (rows.root_requests[0].statistics.calls, rows.missing_parents) == (1, ())


def test_calls_and_failures_are_weighted(store: Store) -> None:
    rows = counted(
        store,
        call("frontend", "b1", item_count=4),
        call("frontend", "b2", item_count=2, success=False, duration_us=5000),
    )
    assert [link.statistics for link in rows.links] == [
        CallStatistics(6, 2, 14_000, {bucket(1000): 4, bucket(5000): 2}, items=2, squared_weights=20)
    ]


def test_call_with_two_child_requests_counts_once(store: Store) -> None:
    rows = counted(store, call("frontend", "b1"), request("echo", "c1", "b1"), request("echo", "c2", "b1"))
    assert rows.links == (LinkRow("frontend", "echo", "HTTP", "127.0.0.1:8001", ONE_CALL),)


def test_role_that_only_calls_has_a_row_without_calls(store: Store) -> None:
    rows = counted(store, call("prompt", "b1"), request("frontend", "c1", "b1"))
    assert rows.roles[1] == RoleRow("prompt", 1, CallStatistics())


def test_instances_of_a_role_are_counted(store: Store) -> None:
    rows = counted(store, *(request("echo", f"c{number}", role_instance=f"vm{number % 3}") for number in range(9)))
    assert [row.instances for row in rows.roles] == [3]


def test_in_process_span_is_not_a_link(store: Store) -> None:
    rows = counted(
        store, request("frontend", "a1"), in_process("frontend", "b1", "a1"), request("frontend", "c1", "b1")
    )
    assert rows.links == ()


def test_in_process_span_is_a_link_when_it_is_the_parent_of_a_request_of_another_role(store: Store) -> None:
    rows = counted(store, in_process("frontend", "b1"), request("echo", "c1", "b1"))
    assert links(rows) == [("frontend", "echo")]


@pytest.mark.parametrize("dependency_type", ["InProc", "INPROC", "InProc | Microsoft.Storage"])
def test_every_spelling_of_in_process_is_recognized(store: Store, dependency_type: str) -> None:
    assert counted(store, in_process("frontend", "b1", dependency_type=dependency_type)).links == ()


@pytest.mark.parametrize("relays", [1, 2])
def test_call_is_served_over_in_process_spans(store: Store, relays: int) -> None:
    chain = [in_process("echo", f"p{number}", f"p{number - 1}") for number in range(1, relays + 1)]
    rows = counted(store, call("frontend", "p0"), *chain, request("echo", "c1", f"p{relays}"))
    assert links(rows) == [("frontend", "echo")]


def test_more_than_three_hops_are_not_followed(store: Store) -> None:
    chain = [in_process("echo", f"p{number}", f"p{number - 1}") for number in range(1, 4)]
    rows = counted(store, call("frontend", "p0"), *chain, request("echo", "c1", "p3"))
    assert links(rows) == [("frontend", None)]


def test_call_with_an_in_process_span_below_it_counts_once(store: Store) -> None:
    rows = counted(store, call("frontend", "b1"), in_process("frontend", "p1", "b1"), request("echo", "c1", "p1"))
    assert rows.links == (LinkRow("frontend", "echo", "HTTP", "127.0.0.1:8001", ONE_CALL),)


def test_direct_child_request_has_precedence_over_one_below_in_process_spans(store: Store) -> None:
    rows = counted(
        store,
        call("frontend", "b1"),
        in_process("frontend", "p1", "b1"),
        request("audit", "c1", "p1"),
        request("echo", "c2", "b1"),
    )
    assert links(rows) == [("frontend", "echo")]


def test_request_whose_parent_is_not_stored_has_a_missing_parent(store: Store) -> None:
    rows = counted(store, request("echo", "c1", "missing"))
    assert rows.missing_parents == (MissingParentRow("echo", ONE_CALL),)
    assert rows.root_requests == ()


def test_any_item_can_be_a_parent(store: Store) -> None:
    rows = counted(store, request("frontend", "a1"), request("echo", "c1", "a1"))
    assert (rows.missing_parents, links(rows)) == ((), [])


@pytest.mark.parametrize("late_us", [-30 * SECOND_US, 0, 59 * MINUTE_US])
def test_child_request_outside_the_range_is_found(store: Store, late_us: int) -> None:
    """For clock skew between machines, and queues."""
    last = NOON_US + HOUR_US - 1
    rows = counted(store, call("frontend", "b1", time_us=last), request("echo", "c1", "b1", time_us=last + late_us))
    assert links(rows) == [("frontend", "echo")]


def test_parent_before_the_range_is_found(store: Store) -> None:
    rows = counted(store, call("frontend", "b1", time_us=NOON_US - 50 * MINUTE_US), request("echo", "c1", "b1"))
    assert (rows.missing_parents, rows.links) == ((), ())


@pytest.mark.parametrize("outside_us", [NOON_US - 1, NOON_US + HOUR_US])
def test_items_outside_the_range_do_not_count(store: Store, outside_us: int) -> None:
    rows = counted(store, request("frontend", "a1", time_us=outside_us), call("frontend", "b1", time_us=outside_us))
    assert rows == CallRows((), (), (), ())


def test_call_without_a_duration_counts_without_a_bucket(store: Store) -> None:
    rows = counted(store, call("frontend", "b1", duration_us=None))
    assert [link.statistics for link in rows.links] == [CallStatistics(1, 0, 0, {})]


def test_message_with_several_receivers_is_a_call_to_each_of_them(store: Store) -> None:
    message = call("shop", "b1", dependency_type="Queue Message | Kafka", target="orders", item_count=2)
    receivers = [request(role, f"c{number}", "b1") for number, role in enumerate(["billing", "mail", "mail"])]
    rows = counted(store, message, *receivers)
    assert links(rows) == [("shop", "billing"), ("shop", "mail")]
    assert {link.statistics.calls for link in rows.links} == {2}
    assert links_of(rows) == {("role:shop", "role:billing"): 2, ("role:shop", "role:mail"): 2}


def test_request_with_the_id_of_a_call_is_served_by_it(store: Store) -> None:
    rows = counted(
        store,
        request("web", "a1"),
        call("web", "b1", "a1"),
        request("shop", "b1", "a1"),
        call("shop", "c1", "b1"),
        request("stock", "c1", "b1"),
    )
    assert links_of(rows) == {
        ("client:client", "role:web"): 1,
        ("role:web", "role:shop"): 1,
        ("role:shop", "role:stock"): 1,
    }
    assert rows.missing_parents == ()


def test_root_call_with_the_id_of_its_request_is_not_a_call_of_the_client(store: Store) -> None:
    rows = counted(store, call("batch", "a1"), request("web", "a1"))
    assert links_of(rows) == {("role:batch", "role:web"): 1}


def test_two_applications_with_one_role_are_two_nodes(store: Store) -> None:
    one, two = "11111111-aaaa-4aaa-8aaa-111111111111", "22222222-bbbb-4bbb-8bbb-222222222222"
    rows = counted(
        store,
        request("Web", "a1", instrumentation_key=one),
        call("Web", "b1", "a1", instrumentation_key=one),
        request("Web", "c1", "b1", instrumentation_key=two),
        call("Web", "d1", "c1", instrumentation_key=two, target="other"),
    )
    assert links_of(rows) == {
        ("client:client", f"component:{one}|Web"): 1,
        (f"component:{one}|Web", f"component:{two}|Web"): 1,
        (f"component:{two}|Web", "dependency:HTTP|other"): 1,
    }
    names = [node.name for node in application_map(rows, NOON_HOUR).nodes if node.kind == "role"]
    assert names == ["Web (11111111)", "Web (22222222)"]
    for key in (one, two):
        selection = NodeRef("role", "Web", instrumentation_key=key).selection
        (group,) = store.groups(selection, ("name",), NOON_HOUR, order="calls", limit=5).first
        assert group.statistics.calls == 1


def links_of(rows: CallRows) -> dict[tuple[str, str], int]:
    return {(edge.source, edge.target): edge.calls for edge in application_map(rows, NOON_HOUR).edges}
