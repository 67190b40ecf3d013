"""A transaction as a self-contained file."""

import base64
import hashlib
import re
from collections.abc import Callable

import pytest
from starlette.applications import Starlette

from local_insights.portal.routes import portal_routes
from local_insights.portal.transaction.file import file_name
from support.fake_store import OPERATION_ID, FakeStore
from support.hostile_telemetry import HOSTILE_TEXTS, hostile_store
from support.items import item
from support.portal_pages import PageResponse, Portal

Get = Callable[..., PageResponse]
FILE = f"/transaction/{OPERATION_ID}.html"


def test_file_is_a_download_named_after_the_operation(get: Get) -> None:
    response = get(FILE)
    assert response.status == 200
    assert response.headers["content-disposition"] == f'attachment; filename="transaction-{OPERATION_ID}.html"'


def test_file_loads_no_other_file(get: Get) -> None:
    response = get(FILE)
    assert not {"link", "script", "img", "iframe", "use", "a"} & {element.name for element in response.elements}
    assert not {"src", "href", "style"} & {name for element in response.elements for name in element.attributes}
    assert not re.search(r"url\(|@import|https?://(?!127\.0\.0\.1)", response.text)


def test_content_security_policy_allows_only_the_own_styles(get: Get) -> None:
    response = get(FILE)
    digest = base64.b64encode(hashlib.sha256(response.one("style").text.encode()).digest()).decode()
    policy = f"default-src 'none'; base-uri 'none'; style-src 'sha256-{digest}'"
    assert response.headers["content-security-policy"] == policy
    (meta,) = response.all("meta", http_equiv="Content-Security-Policy")
    assert meta.attributes["content"] == policy


def test_file_contains_every_item_with_all_fields(get: Get, store: FakeStore) -> None:
    response = get(FILE)
    assert len(response.all("details")) == len(store.items[OPERATION_ID])
    for text in ("INSERT INTO entered_values (value) VALUES (%s)", "storage-1", "/app/storage/values.py:42"):
        assert text in response.text


def test_file_shows_missing_parents(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: [item(time_us=1, duration_us=5, id="c", parent_id="lost", name="late")]}
    assert "lost has not arrived" in get(FILE).one("div", class_="missing").text


def test_unknown_operation_is_a_problem_document(get: Get) -> None:
    response = get("/transaction/deadbeef.html")
    assert (response.status, response.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_telemetry_is_escaped_in_the_file(kind: str) -> None:
    portal = Portal(Starlette(routes=portal_routes(hostile_store(HOSTILE_TEXTS[kind]))))
    response = portal.get("/transaction/0badc0de.html")
    assert response.status == 200
    assert not {"script", "image", "b", "img"} & {element.name for element in response.elements}
    assert len(response.all("style")) == 1
    assert not [name for element in response.elements for name in element.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    ("operation_id", "name"),
    [
        ("ab12", "transaction-ab12.html"),
        ('../x"\r\n y', "transaction-x-y.html"),
        ("x" * 500, f"transaction-{'x' * 64}.html"),
    ],
)
def test_file_name_is_safe_for_any_operation_id(operation_id: str, name: str) -> None:
    assert file_name(operation_id) == name
