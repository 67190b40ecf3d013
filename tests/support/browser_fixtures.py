"""Fixtures of browser tests; a conftest imports them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from support.browser_pages import OpenPage, page_opener
from support.chromium import chromium

expect.set_options(timeout=20_000)  # longer than needed, for a busy machine; tests of speed have their own limit


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start one Chromium per module: while it runs, this thread has an event loop, which affects other suites."""
    with chromium() as running:
        yield running


@pytest.fixture
def open_url(browser: Browser) -> Iterator[OpenPage]:
    """Return a function that opens an address in a new context; see `browser_pages.page_opener`."""
    with page_opener(browser) as opened:
        yield opened
