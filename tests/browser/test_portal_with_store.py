"""Telemetry of a real SDK, through ingest and store, to the pages in Chromium."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from local_insights.app import create_app
from local_insights.settings import Settings
from local_insights.store.duckdb.store import DuckDBStore
from support.browser_pages import OpenPage, serving
from support.captured_posts import posts

REFRESH_MS = 5_000


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    store = DuckDBStore(tmp_path)
    with serving(create_app(Settings(data_dir=tmp_path), store)) as address:
        yield address
    store.close()


def send(url: str) -> None:
    """Send what OpenCensus' exporters of the mesh sent."""
    for post in posts():
        if post.sdk == "opencensus_fixed":
            httpx.post(url + post.path, content=post.body).raise_for_status()


def test_open_map_shows_the_telemetry_of_an_sdk_without_a_reload(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?since=3650d")
    expect(page.get_by_role("heading", name="No telemetry yet")).to_be_visible()
    send(url)
    page.clock.fast_forward(REFRESH_MS)
    for role in ("frontend", "echo", "storage"):
        expect(page.locator(f'.stage .node[data-node="role:{role}"]')).to_be_visible()
    expect(page.locator(".stage .node-dependency").filter(has_text="MySQL")).to_be_visible()


def test_links_from_a_node_to_its_transactions_and_their_statements(open_url: OpenPage, url: str) -> None:
    send(url)
    page = open_url(f"{url}/map?since=3650d")
    page.locator('.stage .node[data-node="role:storage"]').click()
    page.locator("#panel").get_by_role("link", name="Transactions", exact=True).click()
    page.locator("td.wide a").first.click()
    expect(page.locator("#items li").nth(3)).to_be_visible()
    page.locator("#items a").filter(has=page.locator(".track.dependency")).last.click()
    expect(page.locator("#details")).to_contain_text("Target")
