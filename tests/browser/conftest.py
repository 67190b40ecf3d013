"""Chromium for the tests of this folder, and pages in it whose complaints fail the test."""

import os
import shutil
from collections.abc import Iterator

import pytest
from browser_pages import OpenPage, page_opener
from playwright.sync_api import Browser, sync_playwright

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: while it runs, this thread counts as having an event loop, which other suites mind."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CANDIDATES)), None)
    if program is None:
        pytest.fail(
            "Browser tests need Chromium, and there is none on the PATH: "
            "install it (Debian: apt-get install chromium), or name one in the variable CHROMIUM.",
            pytrace=False,
        )
    root_needs_this = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=[*QUIET, *root_needs_this])
        yield chromium
        chromium.close()


@pytest.fixture
def open_url(browser: Browser) -> Iterator[OpenPage]:
    """Opens addresses, each in a context of its own; see `browser_pages.page_opener`."""
    with page_opener(browser) as opened:
        yield opened
