"""Peer roles resolved by `Request-Context`. Every test changes one thing about one call.

The role shop calls the role stock, which responds with its application id; each role is an application of its own.
"""

from dataclasses import replace

import pytest

from local_insights.model.app_id import app_id
from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import LinkRow, MissingParentRow, NamedAddressRow, RoleKeyRow
from local_insights.model.request_context import RequestContextResolver
from support.example_maps import HOUR, edges_of, made, mesh, mesh_rows

SHOP_ID, STOCK_ID = app_id("shop's key"), app_id("stock's key")
HTTP = "Http (tracked component)"
CALL = LinkRow("shop", None, HTTP, "stock:80", made(2))
ADDRESS = NamedAddressRow("shop", HTTP, "stock:80", STOCK_ID)
KEYS = (RoleKeyRow("shop", "shop's key", is_serving=True), RoleKeyRow("stock", "stock's key", is_serving=True))
SERVED = MissingParentRow("stock", made(2), f"cid-v1:{SHOP_ID}")


def key(role: str, instrumentation_key: str, *, is_serving: bool = True) -> RoleKeyRow:
    return RoleKeyRow(role, instrumentation_key, is_serving)


def test_callee_is_resolved_by_application_id() -> None:
    assert RequestContextResolver([ADDRESS], KEYS).callee(CALL) == "stock"


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, target="stock:81"),
        replace(CALL, dependency_type="Ajax"),
        replace(CALL, source_role="billing"),
    ],
    ids=["another target", "another type", "another caller"],
)
def test_application_id_of_one_address_does_not_apply_to_another(call: LinkRow) -> None:
    assert RequestContextResolver([ADDRESS], KEYS).callee(call) is None


def test_application_without_telemetry_does_not_resolve() -> None:
    assert RequestContextResolver([ADDRESS], KEYS[:1]).callee(CALL) is None


def test_application_with_two_serving_roles_does_not_resolve_a_callee() -> None:
    assert RequestContextResolver([ADDRESS], [*KEYS, key("returns", "stock's key")]).callee(CALL) is None


def test_role_without_requests_is_not_a_callee_candidate() -> None:
    only_calling = key("stock-importer", "stock's key", is_serving=False)
    assert RequestContextResolver([ADDRESS], [*KEYS, only_calling]).callee(CALL) == "stock"
    assert RequestContextResolver([ADDRESS], [KEYS[0], only_calling]).callee(CALL) is None


def test_address_with_two_application_ids_resolves_only_to_a_common_role() -> None:
    moved = replace(ADDRESS, application_id=app_id("new key"))
    assert RequestContextResolver([ADDRESS, moved], [*KEYS, key("stock", "new key")]).callee(CALL) == "stock"
    assert RequestContextResolver([ADDRESS, moved], [*KEYS, key("returns", "new key")]).callee(CALL) is None


def test_callee_does_not_resolve_to_the_caller_itself() -> None:
    assert RequestContextResolver([ADDRESS], [key("shop", "stock's key")]).callee(CALL) is None


def test_instrumentation_key_is_case_insensitive() -> None:
    assert RequestContextResolver([ADDRESS], [key("stock", "STOCK'S KEY")]).callee(CALL) == "stock"


def test_caller_is_resolved_by_application_id() -> None:
    assert RequestContextResolver([], KEYS).caller(SERVED) == "shop"


@pytest.mark.parametrize(
    ("source", "caller"),
    [
        ("roleName:web", "web"),
        (f"cid-v1:{SHOP_ID} | roleName:web", "web"),
        (f"cid-v1:{SHOP_ID} | roleName:", "shop"),
        (f"cid-v1:{SHOP_ID} | cid-v1:unknown", "shop"),
        ("cid-v1:unknown", None),
        (f"cid-v1:{STOCK_ID}", None),
        ("orders", None),
        ("", None),
    ],
)
def test_role_name_in_source_takes_precedence_over_application_id(source: str, caller: str | None) -> None:
    assert RequestContextResolver([], KEYS).caller(replace(SERVED, source=source)) == caller


def test_role_without_requests_is_a_caller_candidate() -> None:
    assert RequestContextResolver([], [key("shop", "shop's key", is_serving=False)]).caller(SERVED) == "shop"


def test_application_with_two_roles_does_not_resolve_a_caller() -> None:
    assert RequestContextResolver([], [*KEYS, key("web", "shop's key", is_serving=False)]).caller(SERVED) is None


def with_callers(*callers: MissingParentRow) -> ApplicationMap:
    """The mesh, and requests whose caller sent no telemetry."""
    return application_map(replace(mesh_rows(), missing_parents=callers), HOUR)


def test_edge_from_a_caller_named_by_source_has_the_request_statistics() -> None:
    shown = with_callers(MissingParentRow("storage", made(2, failed=1, each_ms=20), "roleName:echo"))
    assert edges_of(shown) == {**edges_of(mesh()), ("echo", "storage"): (2, 1)}
    assert next(edge.average_ms for edge in shown.edges if edge.source == "role:echo") == pytest.approx(20)
    assert shown.notes == (
        "2 calls of storage have no telemetry from the caller; attributed to echo, named in request.source.",
    )


def test_caller_named_by_source_without_telemetry_is_a_node() -> None:
    shown = with_callers(MissingParentRow("storage", made(2), "roleName:batch"))
    batch = next(node for node in shown.nodes if node.name == "batch")
    assert (batch.kind, batch.calls, batch.instances) == ("role", 0, 0)


def test_source_is_ignored_if_the_caller_reported_calls_to_the_callee() -> None:
    """Caller and callee sample different items; the caller's statistics are already corrected for sampling."""
    shown = with_callers(MissingParentRow("storage", made(2), "roleName:frontend"))
    assert edges_of(shown) == edges_of(mesh())
    assert shown.notes == ()


def test_request_context_takes_precedence_over_matched_calls_of_other_callers() -> None:
    rows = mesh_rows()
    unmatched = LinkRow("prompt", None, "HTTP", "127.0.0.1:8001", made(1))
    address = NamedAddressRow("prompt", "HTTP", "127.0.0.1:8001", app_id("storage's key"))
    keys = (key("storage", "storage's key"), key("echo", "echo's key"))
    by_calls = application_map(replace(rows, links=(*rows.links, unmatched)), HOUR)
    by_context = application_map(replace(rows, links=(*rows.links, unmatched), addresses=(address,), keys=keys), HOUR)
    assert edges_of(by_calls)["prompt", "echo"] == (1, 0)
    assert edges_of(by_context)["prompt", "storage"] == (1, 0)
