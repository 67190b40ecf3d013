"""Rules that build a map from rows. Every test changes one thing about the mesh."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import (
    RECENT_US,
    AvailabilityRow,
    CallRows,
    LinkRow,
    MissingParentRow,
    PageViewRow,
    RoleRow,
    RootRequestRow,
)
from local_insights.model.statistics import CallStatistics
from support.example_maps import HOUR, MYSQL, edges_of, made, mesh, mesh_rows


def with_links(*links: LinkRow) -> ApplicationMap:
    rows = mesh_rows()
    return application_map(replace(rows, links=(*rows.links, *links)), HOUR)


def node_ids(shown: ApplicationMap) -> list[str]:
    return [node.id for node in shown.nodes]


def test_mesh_has_one_node_per_role_and_one_for_the_database() -> None:
    assert node_ids(mesh()) == [
        "dependency:MySQL|127.0.0.1:3306 | mesh",
        "role:echo",
        "role:frontend",
        "role:prompt",
        "role:storage",
    ]


def test_mesh_has_one_edge_per_pair_of_caller_and_callee() -> None:
    assert edges_of(mesh()) == {
        ("prompt", "frontend"): (3, 0),
        ("frontend", "echo"): (3, 0),
        ("frontend", "storage"): (3, 0),
        ("storage", f"MySQL {MYSQL}"): (3, 0),
    }
    assert mesh().notes == ()


def test_edges_have_the_callers_statistics_and_roles_those_of_served_requests() -> None:
    shown = mesh()
    edge = next(edge for edge in shown.edges if edge.target == "role:echo")
    node = next(node for node in shown.nodes if node.id == "role:echo")
    assert edge.average_ms == pytest.approx(6)
    assert edge.p95_ms == pytest.approx(6, rel=0.02)
    assert node.average_ms == pytest.approx(4)
    assert node.p50_ms == pytest.approx(4, rel=0.02)
    assert node.instances == 2


def test_role_without_requests_is_a_node_without_statistics() -> None:
    prompt = next(node for node in mesh().nodes if node.name == "prompt")
    assert (prompt.kind, prompt.calls, prompt.average_ms, prompt.p50_ms, prompt.p95_ms) == ("role", 0, None, None, None)
    assert prompt.failed_percent == 0


def test_dependency_without_callee_role_is_a_dependency_node() -> None:
    database = next(node for node in mesh().nodes if node.kind == "dependency")
    assert (database.name, database.type, database.calls) == (MYSQL, "MySQL", 3)
    assert database.average_ms == pytest.approx(2)


def test_target_called_by_two_roles_is_one_node_with_both_roles_calls() -> None:
    shown = with_links(LinkRow("echo", None, "MySQL", MYSQL, made(2, failed=1)))
    databases = [node for node in shown.nodes if node.kind == "dependency"]
    assert [(node.calls, node.failed) for node in databases] == [(5, 1)]
    assert edges_of(shown)["echo", f"MySQL {MYSQL}"] == (2, 1)


def test_same_target_with_another_type_is_another_node() -> None:
    shown = with_links(LinkRow("storage", None, "Redis", MYSQL, made(1)))
    assert len([node for node in shown.nodes if node.kind == "dependency"]) == 2


def test_calls_to_a_role_that_is_down_are_added_to_its_edge() -> None:
    shown = with_links(LinkRow("frontend", None, "HTTP", "127.0.0.1:8002", made(2, failed=2)))
    assert node_ids(shown) == node_ids(mesh())
    assert edges_of(shown)["frontend", "storage"] == (5, 2)


def test_calls_attributed_by_address_have_a_note() -> None:
    shown = with_links(LinkRow("frontend", None, "HTTP", "127.0.0.1:8002", made(1, failed=1)))
    (note,) = shown.notes
    assert note == (
        "1 call from frontend to 127.0.0.1:8002 has no matching request; "
        "attributed to storage, which serves 127.0.0.1:8002."
    )


def test_address_is_resolved_by_other_callers_if_the_caller_has_no_matched_call() -> None:
    shown = with_links(LinkRow("echo", None, "Http", "127.0.0.1:8002", made(1, failed=1)))
    assert edges_of(shown)["echo", "storage"] == (1, 1)


def test_own_matched_calls_take_precedence_over_those_of_other_callers() -> None:
    shown = with_links(
        LinkRow("echo", "frontend", "HTTP", "127.0.0.1:8002", made(1)),
        LinkRow("echo", None, "HTTP", "127.0.0.1:8002", made(1, failed=1)),
    )
    assert edges_of(shown)["echo", "frontend"] == (2, 1)


@pytest.mark.parametrize(("other_calls", "is_storage"), [(1, True), (2, False)])
def test_address_resolves_to_a_role_if_ninety_percent_of_matched_calls_agree(
    other_calls: int, *, is_storage: bool
) -> None:
    rows = CallRows(
        roles=(),
        links=(
            LinkRow("frontend", "storage", "HTTP", "gateway", made(9)),
            LinkRow("frontend", "echo", "HTTP", "gateway", made(other_calls)),
            LinkRow("frontend", None, "HTTP", "gateway", made(1, failed=1)),
        ),
        root_requests=(),
        missing_parents=(),
    )
    edges = edges_of(application_map(rows, HOUR))
    assert edges["frontend", "storage"] == ((10, 1) if is_storage else (9, 0))
    assert (("frontend", "HTTP gateway") in edges) is not is_storage


def test_calls_without_a_target_are_never_attributed_to_a_role() -> None:
    shown = with_links(
        LinkRow("frontend", "storage", "HTTP", "", made(9)), LinkRow("frontend", None, "HTTP", "", made(1))
    )
    assert edges_of(shown)["frontend", "HTTP "] == (1, 0)


def test_http_and_database_calls_to_the_same_address_are_separate() -> None:
    shown = with_links(LinkRow("frontend", None, "MySQL", "127.0.0.1:8002", made(1)))
    assert edges_of(shown)["frontend", "MySQL 127.0.0.1:8002"] == (1, 0)


def test_requests_without_a_parent_come_from_the_client_node() -> None:
    rows = replace(
        mesh_rows(), root_requests=(RootRequestRow("frontend", made(2, failed=1)), RootRequestRow("echo", made(3)))
    )
    shown = application_map(rows, HOUR)
    client = shown.nodes[0]
    assert (client.id, client.kind, client.calls, client.failed) == ("client:client", "client", 5, 1)
    assert edges_of(shown)["client", "frontend"] == (2, 1)
    assert edges_of(shown)["client", "echo"] == (3, 0)


def test_role_that_calls_itself_has_a_self_loop() -> None:
    assert edges_of(with_links(LinkRow("echo", "echo", "HTTP", "x", made(1))))["echo", "echo"] == (1, 0)


def test_several_addresses_of_one_role_are_one_edge() -> None:
    shown = with_links(LinkRow("frontend", "echo", "HTTP", "127.0.0.2:8001", made(1, failed=1, each_ms=14)))
    edge = next(edge for edge in shown.edges if edge.target == "role:echo")
    assert (edge.calls, edge.failed, edge.failed_percent) == (4, 1, 25)
    assert edge.average_ms == pytest.approx(8)


def test_callee_without_requests_in_the_time_range_is_a_node() -> None:
    shown = with_links(LinkRow("storage", "archive", "HTTP", "x", made(1)))
    archive = next(node for node in shown.nodes if node.name == "archive")
    assert (archive.calls, archive.instances) == (0, 0)


def test_requests_of_a_caller_without_telemetry_come_from_an_unknown_caller() -> None:
    rows = replace(
        mesh_rows(), missing_parents=(MissingParentRow("echo", made(3, failed=1)), MissingParentRow("worker", made(1)))
    )
    shown = application_map(rows, HOUR)
    assert shown.notes == (
        "3 calls of echo name a caller that sent no telemetry.",
        "1 call of worker names a caller that sent no telemetry.",
    )
    unknown = {("unknown", "echo"): (3, 1), ("unknown", "worker"): (1, 0)}
    assert edges_of(shown) == edges_of(mesh()) | unknown
    caller = next(node for node in shown.nodes if node.id == "client:unknown")
    assert (caller.kind, caller.calls, caller.failed) == ("client", 4, 1)


SAMPLED = CallStatistics(192, 0, 192_000, items=12, squared_weights=3_072)


def test_sampled_role_has_a_note_instead_of_an_unknown_caller() -> None:
    roles = tuple(replace(row, statistics=SAMPLED) if row.role == "echo" else row for row in mesh_rows().roles)
    shown = application_map(
        replace(mesh_rows(), roles=roles, missing_parents=(MissingParentRow("echo", SAMPLED),)), HOUR
    )
    assert edges_of(shown) == edges_of(mesh())
    (note,) = shown.notes
    assert note.startswith(
        "12 of about 192 calls of echo were received: the SDK samples. OTEL_TRACES_SAMPLER=always_on"
    )


def test_callee_of_a_sampling_caller_has_no_unknown_caller() -> None:
    rows = mesh_rows()
    links = tuple(replace(link, statistics=SAMPLED) if link.target_role == "echo" else link for link in rows.links)
    shown = application_map(replace(rows, links=links, missing_parents=(MissingParentRow("echo", made(2)),)), HOUR)
    assert not [edge for edge in shown.edges if edge.source == "client:unknown"]
    assert not [note for note in shown.notes if "no telemetry" in note]


def test_only_five_sampled_roles_have_a_note_of_their_own() -> None:
    roles = tuple(RoleRow(f"role-{number}", 1, SAMPLED) for number in range(7))
    assert application_map(replace(mesh_rows(), roles=roles), HOUR).notes[-1] == "2 more roles are sampled."


JUST_NOW_US = HOUR.end_us - RECENT_US


@pytest.mark.parametrize(
    ("first_us", "dependency_type", "provisional"),
    [(JUST_NOW_US, "HTTP", True), (JUST_NOW_US - 1, "HTTP", False), (JUST_NOW_US, "MySQL", False)],
)
def test_end_of_calls_that_have_just_begun_is_provisional(
    first_us: int, dependency_type: str, *, provisional: bool
) -> None:
    shown = with_links(LinkRow("echo", None, dependency_type, "new", made(1), first_us))
    assert next(node for node in shown.nodes if node.name == "new").is_provisional is provisional
    note = "new is provisional: the calls began less than 15 s ago, and telemetry of the other end may still arrive."
    assert shown.notes == ((note,) if provisional else ())


def test_recent_requests_have_an_unknown_caller_only_if_no_caller_is_known() -> None:
    recent = tuple(MissingParentRow(role, made(1), is_recent=True) for role in ("echo", "worker"))
    shown = application_map(replace(mesh_rows(), missing_parents=recent), HOUR)
    assert [edge.target for edge in shown.edges if edge.source == "client:unknown"] == ["role:worker"]
    assert next(node for node in shown.nodes if node.id == "client:unknown").is_provisional


def test_role_with_page_views_and_no_requests_is_a_browser_with_page_view_statistics() -> None:
    rows = replace(
        mesh_rows(),
        links=(LinkRow("(browser) shop", "frontend", "Fetch", "127.0.0.1:8000", made(6, each_ms=50)),),
        page_views=(PageViewRow("(browser) shop", made(2, each_ms=900)),),
    )
    shown = application_map(rows, HOUR)
    browser = next(node for node in shown.nodes if node.kind == "browser")
    assert (browser.id, browser.name, browser.calls) == ("role:(browser) shop", "(browser) shop", 2)
    assert browser.average_ms == pytest.approx(900)
    assert edges_of(shown)["(browser) shop", "frontend"] == (6, 0)


@pytest.mark.parametrize(
    ("caller", "dependency_type", "kind"),
    [
        ("shop", "Ajax", "browser"),
        ("shop", "Fetch", "browser"),
        ("(browser) shop", "HTTP", "browser"),
        ("shop", "HTTP", "role"),
        ("frontend", "Ajax", "role"),
    ],
)
def test_browser_is_recognised_by_call_type_or_prefix(caller: str, dependency_type: str, kind: str) -> None:
    shown = with_links(LinkRow(caller, None, dependency_type, "api.example.com", made(1)))
    assert next(node.kind for node in shown.nodes if node.name == caller) == kind


def test_role_with_page_views_and_requests_is_a_role() -> None:
    shown = application_map(replace(mesh_rows(), page_views=(PageViewRow("frontend", made(9)),)), HOUR)
    frontend = next(node for node in shown.nodes if node.name == "frontend")
    assert (frontend.kind, frontend.calls) == ("role", 3)


def test_availability_test_is_a_node_that_calls_the_role_it_reached() -> None:
    shown = application_map(
        replace(mesh_rows(), availability=(AvailabilityRow("home page", "frontend", made(9, failed=1, each_ms=80)),)),
        HOUR,
    )
    test = next(node for node in shown.nodes if node.kind == "availability")
    assert (test.id, test.name, test.calls, test.failed) == ("availability:home page", "home page", 9, 1)
    assert edges_of(shown)["home page", "frontend"] == (9, 1)


def test_results_without_a_role_are_attributed_to_the_role_most_often_reached() -> None:
    rows = (
        AvailabilityRow("home page", "frontend", made(6)),
        AvailabilityRow("home page", "echo", made(3)),
        AvailabilityRow("home page", None, made(2, failed=2)),
    )
    edges = edges_of(application_map(replace(mesh_rows(), availability=rows), HOUR))
    assert edges["home page", "frontend"] == (8, 2)
    assert edges["home page", "echo"] == (3, 0)


def test_availability_test_that_never_reached_a_role_has_no_edge() -> None:
    shown = application_map(
        CallRows((), (), (), (), availability=(AvailabilityRow("home page", None, made(2, failed=2)),)), HOUR
    )
    assert [(node.id, node.failed_percent) for node in shown.nodes] == [("availability:home page", 100)]
    assert shown.edges == ()


def test_unprocessed_queue_messages_are_calls_to_the_queue() -> None:
    queued = LinkRow("frontend", None, "Queue Message | Azure Service Bus", "bus/orders", made(4))
    shown = with_links(queued)
    queue = next(node for node in shown.nodes if node.name == "bus/orders")
    assert (queue.id, queue.kind) == ("dependency:Queue Message %7C Azure Service Bus|bus/orders", "dependency")


def test_empty_map_has_a_note() -> None:
    shown = application_map(CallRows((), (), (), ()), HOUR)
    assert (shown.nodes, shown.edges) == ((), ())
    assert shown.notes == ("No requests or dependencies in this time range.",)


ROLES = (*mesh_rows().roles, RoleRow("batch", 1, made(1)))
LINKS = (*mesh_rows().links, LinkRow("frontend", None, "HTTP", "127.0.0.1:8002", made(2, failed=2)))


@given(st.permutations(ROLES), st.permutations(LINKS))
def test_row_order_has_no_effect(roles: list[RoleRow], links: list[LinkRow]) -> None:
    expected = application_map(CallRows(ROLES, LINKS, (), ()), HOUR)
    assert application_map(CallRows(tuple(roles), tuple(links), (), ()), HOUR) == expected
