"""Chromium for tests, and pages in it whose complaints fail the test; for the conftest of a folder to import."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from support.browser_pages import OpenPage, page_opener
from support.chromium import chromium

expect.set_options(timeout=20_000)  # a busy machine is no failure; what must be quick says so itself


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: while it runs, this thread counts as having an event loop, which other suites mind."""
    with chromium() as running:
        yield running


@pytest.fixture
def open_url(browser: Browser) -> Iterator[OpenPage]:
    """Opens addresses, each in a context of its own; see `browser_pages.page_opener`."""
    with page_opener(browser) as opened:
        yield opened
