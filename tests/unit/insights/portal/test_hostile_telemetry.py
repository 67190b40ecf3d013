import json
from xml.etree import ElementTree as ET

import pytest
from starlette.applications import Starlette

from local_insights.portal.routes import portal_routes
from support.hostile_telemetry import HOSTILE_TEXTS, hostile_pages, hostile_store
from support.portal_pages import Portal

HANDLERS = {"onload", "onerror", "onmouseover", "onfocus", "onclick"}
EXPECTED_SCRIPTS = {"/static/theme.js", "/static/vendor/htmx/htmx.min.js", "/static/layout.js"}
PAGE_SCRIPTS = {"/static/map.js", "/static/transaction.js", "/static/search.js", "/static/performance.js"}


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_telemetry_is_escaped_in_every_response(kind: str) -> None:
    text = HOSTILE_TEXTS[kind]
    portal = Portal(Starlette(routes=portal_routes(hostile_store(text))))
    for url in hostile_pages(text):
        response = portal.get(url)
        assert response.status in {200, 400, 404}, url
        media_type = response.headers["content-type"]
        if "json" in media_type:
            json.loads(response.content)
        elif "svg" in media_type:
            ET.fromstring(response.content)  # noqa: S314 - our own drawing
        elif "html" in media_type:
            scripts = {script.attributes["src"] for script in response.all("script")}
            assert scripts <= EXPECTED_SCRIPTS | PAGE_SCRIPTS, url
            assert not response.all("b"), url
            assert not response.all("image"), url
            for element in response.elements:
                assert not HANDLERS & element.attributes.keys(), url
                assert not element.attributes.get("href", "").startswith("javascript:"), url
        for forbidden in ("\u202e", "\x00", "\x1b", "\x07", "\x7f", "\x85", "\x9b"):
            assert forbidden not in response.text, url


def test_page_with_a_huge_name_stays_small() -> None:
    portal = Portal(Starlette(routes=portal_routes(hostile_store("x" * 1_000_000))))
    assert len(portal.get("/transaction/0badc0de").content) < 500_000
    assert len(portal.get("/transaction").content) < 100_000
