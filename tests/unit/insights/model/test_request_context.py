"""Who is at the other end, by what the two ends told each other. Every test changes one thing about one call.

Shop calls stock, which answers with its application's id; each is an application of its own.
"""

from dataclasses import replace

import pytest

from local_insights.model.app_id import app_id
from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import LinkRow, MissingParentRow, NamedAddressRow, NamedCallerRow, RoleKeyRow
from local_insights.model.request_context import NamedEnds
from support.example_maps import HOUR, edges_of, made, mesh, mesh_rows

SHOP_ID, STOCK_ID = app_id("shop's key"), app_id("stock's key")
HTTP = "Http (tracked component)"
CALL = LinkRow("shop", None, HTTP, "stock:80", made(2))
ADDRESS = NamedAddressRow("shop", HTTP, "stock:80", STOCK_ID)
KEYS = (RoleKeyRow("shop", "shop's key", is_serving=True), RoleKeyRow("stock", "stock's key", is_serving=True))
SERVED = NamedCallerRow("stock", f"cid-v1:{SHOP_ID}", made(2))


def key(role: str, instrumentation_key: str, *, is_serving: bool = True) -> RoleKeyRow:
    return RoleKeyRow(role, instrumentation_key, is_serving)


def test_address_that_named_its_application_is_that_applications_role() -> None:
    assert NamedEnds([ADDRESS], KEYS).callee(CALL) == "stock"


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, target="stock:81"),
        replace(CALL, dependency_type="Ajax"),
        replace(CALL, source_role="billing"),
    ],
    ids=["another target", "another type", "another caller"],
)
def test_what_one_address_said_is_believed_of_no_other(call: LinkRow) -> None:
    assert NamedEnds([ADDRESS], KEYS).callee(call) is None


def test_application_that_sent_nothing_names_nobody() -> None:
    assert NamedEnds([ADDRESS], KEYS[:1]).callee(CALL) is None


def test_application_of_two_roles_that_serve_names_neither() -> None:
    assert NamedEnds([ADDRESS], [*KEYS, key("returns", "stock's key")]).callee(CALL) is None


def test_role_that_only_calls_is_not_who_was_called() -> None:
    only_calling = key("stock-importer", "stock's key", is_serving=False)
    assert NamedEnds([ADDRESS], [*KEYS, only_calling]).callee(CALL) == "stock"
    assert NamedEnds([ADDRESS], [KEYS[0], only_calling]).callee(CALL) is None


def test_address_that_named_two_applications_names_a_role_that_belongs_to_both() -> None:
    moved = replace(ADDRESS, application_id=app_id("new key"))
    assert NamedEnds([ADDRESS, moved], [*KEYS, key("stock", "new key")]).callee(CALL) == "stock"
    assert NamedEnds([ADDRESS, moved], [*KEYS, key("returns", "new key")]).callee(CALL) is None


def test_application_with_the_caller_alone_does_not_make_it_call_itself() -> None:
    assert NamedEnds([ADDRESS], [key("shop", "stock's key")]).callee(CALL) is None


def test_case_of_an_instrumentation_key_does_not_matter() -> None:
    assert NamedEnds([ADDRESS], [key("stock", "STOCK'S KEY")]).callee(CALL) == "stock"


def test_source_that_names_an_application_is_its_role() -> None:
    assert NamedEnds([], KEYS).caller(SERVED) == "shop"


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
def test_source_names_a_role_before_an_application(source: str, caller: str | None) -> None:
    assert NamedEnds([], KEYS).caller(replace(SERVED, source=source)) == caller


def test_role_that_only_calls_may_be_the_caller() -> None:
    assert NamedEnds([], [key("shop", "shop's key", is_serving=False)]).caller(SERVED) == "shop"


def test_application_of_two_roles_names_no_caller() -> None:
    assert NamedEnds([], [*KEYS, key("web", "shop's key", is_serving=False)]).caller(SERVED) is None


def with_callers(*callers: NamedCallerRow) -> ApplicationMap:
    """The mesh, and requests whose caller sent nothing of them."""
    orphans = tuple(MissingParentRow(row.role, row.statistics.calls) for row in callers)
    return application_map(replace(mesh_rows(), callers=callers, missing_parents=orphans), HOUR)


def test_caller_that_is_named_calls_with_the_figures_of_the_requests() -> None:
    shown = with_callers(NamedCallerRow("storage", "roleName:echo", made(2, failed=1, each_ms=20)))
    assert edges_of(shown) == {**edges_of(mesh()), ("echo", "storage"): (2, 1)}
    assert next(edge.average_ms for edge in shown.edges if edge.source == "role:echo") == pytest.approx(20)
    assert shown.notes == (
        "2 calls of storage came without telemetry of the caller; counted to echo, whom their source names.",
    )


def test_caller_that_is_named_and_sent_nothing_at_all_is_a_node() -> None:
    shown = with_callers(NamedCallerRow("storage", "roleName:batch", made(2)))
    batch = next(node for node in shown.nodes if node.name == "batch")
    assert (batch.kind, batch.calls, batch.instances) == ("role", 0, 0)


def test_what_the_caller_measured_stands_for_all_its_calls() -> None:
    """Under sampling each end leaves out others: what one kept is already weighted for what it left out."""
    shown = with_callers(NamedCallerRow("storage", "roleName:frontend", made(2)))
    assert edges_of(shown) == edges_of(mesh())
    assert shown.notes == ("2 calls of storage name a caller that sent no telemetry.",)


def test_what_an_address_said_goes_before_what_others_found_there() -> None:
    rows = mesh_rows()
    silent = LinkRow("prompt", None, "HTTP", "127.0.0.1:8001", made(1))
    said = NamedAddressRow("prompt", "HTTP", "127.0.0.1:8001", app_id("storage's key"))
    keys = (key("storage", "storage's key"), key("echo", "echo's key"))
    learned = application_map(replace(rows, links=(*rows.links, silent)), HOUR)
    told = application_map(replace(rows, links=(*rows.links, silent), addresses=(said,), keys=keys), HOUR)
    assert edges_of(learned)["prompt", "echo"] == (1, 0)
    assert edges_of(told)["prompt", "storage"] == (1, 0)
