"""Chromium for tests."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

CANDIDATES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The headless shell opens a page in a third of the time."""
QUIET = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine without a window; fail the test when none is installed."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CANDIDATES)), None)
    if program is None:
        pytest.fail(
            "Browser tests need Chromium, which is not on the PATH: "
            "install it (Debian: apt-get install chromium-headless-shell), or set the variable CHROMIUM to its path.",
            pytrace=False,
        )
    root_options = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=[*QUIET, *root_options])
        yield running
        running.close()
