import json
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from local_insights.store.contract import QueryTimeoutError
from support.fake_store import FakeStore
from support.portal_pages import PageResponse

Get = Callable[..., PageResponse]
TWINS = {
    "/map.json": "application/json",
    "/map.svg": "image/svg+xml",
    "/map.mmd": "text/plain; charset=utf-8",
    "/map.dot": "text/vnd.graphviz; charset=utf-8",
    "/map.txt": "text/plain; charset=utf-8",
    "/transaction.json": "application/json",
}


@pytest.mark.parametrize(("path", "media_type"), TWINS.items())
def test_each_twin_has_its_media_type(get: Get, path: str, media_type: str) -> None:
    answer = get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, media_type)


def test_the_json_twin_has_the_range_that_was_asked_for(get: Get) -> None:
    document = json.loads(get("/map.json?since=30m").content)
    assert (document["from"], document["to"]) == ("2026-01-31T13:30:00+00:00", "2026-01-31T14:00:00+00:00")
    assert {node["id"] for node in document["nodes"]} >= {"role:frontend", "role:echo", "role:storage"}


def test_the_picture_stands_alone_in_either_theme(get: Get) -> None:
    light, dark = get("/map.svg").text, get("/map.svg?theme=dark").text
    assert light == get("/map.svg?theme=light").text
    assert light != dark
    for picture in (light, dark):
        assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own drawing
        assert "var(" not in picture


def test_drawings_in_text_name_the_components(get: Get) -> None:
    for path in ("/map.mmd", "/map.dot", "/map.txt"):
        assert "storage" in get(path).text


@pytest.mark.parametrize("path", TWINS)
def test_a_wrong_range_is_a_problem_document(get: Get, path: str) -> None:
    answer = get(f"{path}?since=banana")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "since=banana is not a length of time. Expected since=" in json.loads(answer.content)["detail"]


def test_a_wrong_theme_is_a_problem_document(get: Get) -> None:
    answer = get("/map.svg?theme=neon")
    assert answer.status == 400
    assert json.loads(answer.content)["detail"] == "theme=neon is not a theme. Expected theme=light or theme=dark."


def test_a_question_too_large_is_a_problem_that_says_which_range_would_do(get: Get, store: FakeStore) -> None:
    store.error = QueryTimeoutError("too slow")
    answer = get("/map.json?since=30d")
    assert answer.status == 503
    assert "since=7d" in json.loads(answer.content)["detail"]


def test_the_newest_operations_for_programs(get: Get) -> None:
    operations = json.loads(get("/transaction.json").content)["operations"]
    assert operations[0]["name"] == "POST /values"
    assert operations[0]["start_time"] == "2026-01-31T13:59:58+00:00"
    failed = json.loads(get("/transaction.json?failed=1").content)["operations"]
    assert {operation["success"] for operation in failed} == {False}
