import json
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from local_insights.store.contract import QueryFailedError, QueryTimeoutError
from support.fake_store import FakeStore
from support.portal_pages import PageResponse

Get = Callable[..., PageResponse]
MEDIA_TYPES = {
    "/map.json": "application/json",
    "/map.svg": "image/svg+xml",
    "/map.mmd": "text/plain; charset=utf-8",
    "/map.dot": "text/vnd.graphviz; charset=utf-8",
    "/map.txt": "text/plain; charset=utf-8",
    "/transaction.json": "application/json",
}


@pytest.mark.parametrize(("path", "media_type"), MEDIA_TYPES.items())
def test_media_types(get: Get, path: str, media_type: str) -> None:
    response = get(path)
    assert (response.status, response.headers["content-type"]) == (200, media_type)


def test_json_has_the_requested_time_range(get: Get) -> None:
    document = json.loads(get("/map.json?since=30m").content)
    assert (document["from"], document["to"]) == ("2026-01-31T13:30:00+00:00", "2026-01-31T14:00:00+00:00")
    assert {node["id"] for node in document["nodes"]} >= {"role:frontend", "role:echo", "role:storage"}


def test_svg_is_standalone_in_both_themes(get: Get) -> None:
    light, dark = get("/map.svg").text, get("/map.svg?theme=dark").text
    assert light == get("/map.svg?theme=light").text
    assert light != dark
    for drawing in (light, dark):
        assert ET.fromstring(drawing).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own drawing
        assert "var(" not in drawing


def test_text_formats_contain_the_component_names(get: Get) -> None:
    for path in ("/map.mmd", "/map.dot", "/map.txt"):
        assert "storage" in get(path).text


@pytest.mark.parametrize("path", MEDIA_TYPES)
def test_invalid_time_range_is_a_problem_document(get: Get, path: str) -> None:
    response = get(f"{path}?since=banana")
    assert (response.status, response.headers["content-type"]) == (400, "application/problem+json")
    assert "since=banana is not a length of time. Expected since=" in json.loads(response.content)["detail"]


def test_invalid_theme_is_a_problem_document(get: Get) -> None:
    response = get("/map.svg?theme=neon")
    assert response.status == 400
    assert json.loads(response.content)["detail"] == "theme=neon is not a theme. Expected theme=light or theme=dark."


def test_query_timeout_is_a_problem_document_that_suggests_a_shorter_range(get: Get, store: FakeStore) -> None:
    store.error = QueryTimeoutError("too slow")
    response = get("/map.json?since=30d")
    assert response.status == 503
    assert "since=7d" in json.loads(response.content)["detail"]


def test_failed_query_is_a_problem_document_with_the_cause(get: Get, store: FakeStore) -> None:
    store.error = QueryFailedError("the file is damaged")
    response = get("/map.json")
    assert response.status == 503
    assert "the file is damaged" in json.loads(response.content)["detail"]


def test_newest_operations_as_json(get: Get) -> None:
    operations = json.loads(get("/transaction.json").content)["operations"]
    assert operations[0]["name"] == "POST /values"
    assert operations[0]["start_time"] == "2026-01-31T13:59:58+00:00"
    failed = json.loads(get("/transaction.json?failed=1").content)["operations"]
    assert {operation["success"] for operation in failed} == {False}
