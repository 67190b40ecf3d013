"""A transaction as a file: whole, and in need of nothing."""

import base64
import hashlib
import re
from collections.abc import Callable

import pytest
from starlette.applications import Starlette

from local_insights.portal.routes import portal_routes
from local_insights.portal.transaction.file import file_name
from support.fake_store import OPERATION_ID, FakeStore, item
from support.hostile_telemetry import HOSTILE_TEXTS, hostile_store
from support.portal_pages import PageResponse, Portal

Get = Callable[..., PageResponse]
FILE = f"/transaction/{OPERATION_ID}.html"


def test_file_is_offered_for_keeping_under_a_name_of_its_own(get: Get) -> None:
    answer = get(FILE)
    assert answer.status == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="transaction-{OPERATION_ID}.html"'


def test_file_refers_to_nothing_outside_itself(get: Get) -> None:
    answer = get(FILE)
    assert not {"link", "script", "img", "iframe", "use", "a"} & {element.name for element in answer.elements}
    assert not {"src", "href", "style"} & {name for element in answer.elements for name in element.attributes}
    assert not re.search(r"url\(|@import|https?://(?!127\.0\.0\.1)", answer.text)


def test_file_allows_itself_its_own_styles_and_nothing_else(get: Get) -> None:
    answer = get(FILE)
    digest = base64.b64encode(hashlib.sha256(answer.one("style").text.encode()).digest()).decode()
    policy = f"default-src 'none'; base-uri 'none'; style-src 'sha256-{digest}'"
    assert answer.headers["content-security-policy"] == policy
    (meta,) = answer.all("meta", http_equiv="Content-Security-Policy")
    assert meta.attributes["content"] == policy


def test_file_has_every_item_with_all_that_is_known_of_it(get: Get, store: FakeStore) -> None:
    answer = get(FILE)
    assert len(answer.all("details")) == len(store.items[OPERATION_ID])
    for told in ("INSERT INTO entered_values (value) VALUES (%s)", "storage-1", "/app/storage/values.py:42"):
        assert told in answer.text


def test_file_names_parents_that_have_not_arrived(get: Get, store: FakeStore) -> None:
    store.items = {OPERATION_ID: [item(time_us=1, duration_us=5, id="c", parent_id="lost", name="late")]}
    assert "lost has not arrived" in get(FILE).one("div", class_="missing").text


def test_unknown_operation_is_a_problem(get: Get) -> None:
    answer = get("/transaction/deadbeef.html")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_telemetry_stays_text_in_the_file(kind: str) -> None:
    portal = Portal(Starlette(routes=portal_routes(hostile_store(HOSTILE_TEXTS[kind]))))
    answer = portal.get("/transaction/0badc0de.html")
    assert answer.status == 200
    assert not {"script", "image", "b", "img"} & {element.name for element in answer.elements}
    assert len(answer.all("style")) == 1
    assert not [name for element in answer.elements for name in element.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    ("operation_id", "name"),
    [
        ("ab12", "transaction-ab12.html"),
        ('../x"\r\n y', "transaction-x-y.html"),
        ("x" * 500, f"transaction-{'x' * 64}.html"),
    ],
)
def test_name_of_the_file_is_safe_whatever_the_operation_is_called(operation_id: str, name: str) -> None:
    assert file_name(operation_id) == name
