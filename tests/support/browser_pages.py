"""Serve applications to a browser, and open pages whose console errors fail the test."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from starlette.types import ASGIApp

START_LIMIT_S = 10
IGNORED_MESSAGES = ("the server responded with a status of", "net::ERR_CONNECTION_REFUSED", "net::ERR_NETWORK_CHANGED")
"""Messages of Chromium about error responses, about a server that stopped before a page that refreshes itself, and of
network interfaces that change, as they do when containers start."""
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SCREENS: dict[str, dict[str, Any]] = {
    "light wide": {"color_scheme": "light", "viewport": WIDE},
    "dark narrow": {"color_scheme": "dark", "viewport": NARROW},
}
"""Screens of accessibility tests. Each colour scheme and each layout occurs once: a colour scheme changes only
contrast, which `test_static_files.py` computes for both, and a width changes only layout."""
WIDTHS_PX = (1440, 820, 390, 320)
OpenPage = Callable[..., Page]


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve the application on a free port, in a thread; yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline_s = time.monotonic() + START_LIMIT_S
    while not server.started:
        assert thread.is_alive(), "the server stopped during its start"
        assert time.monotonic() < deadline_s, f"the server did not start within {START_LIMIT_S} s"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def page_opener(browser: Browser) -> Iterator[OpenPage]:
    """Yield a function that opens an address in a new context, with playwright's context options.

    The page's clock runs normally and can be advanced (`page.clock.fast_forward`).

    Console messages (failing scripts, violations of the Content Security Policy) fail the test, except for
    `IGNORED_MESSAGES`.
    """
    contexts = []
    messages: list[str] = []

    def open_page(url: str, **context_options: Any) -> Page:  # noqa: ANN401 - playwright's own
        context = browser.new_context(**context_options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("dialog", lambda dialog: messages.append(f"dialog: {dialog.message}"))
        page.clock.install()
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in messages if not any(known in text for known in IGNORED_MESSAGES)] == []


def accessibility_report(page: Page) -> str:
    """Return the accessibility violations that axe finds on the page; empty when there are none."""
    result = Axe().run(page)
    return result.generate_report() if result.violations_count else ""


def overflowing_widths(page: Page, *selectors: str, widths_px: Sequence[int] = WIDTHS_PX) -> list[int]:
    """Return the widths of the window at which the page, or an element of a selector, is wider than its space.

    The page is resized, not loaded again; scripts have two frames to adapt.
    """
    found = []
    for width_px in widths_px:
        page.set_viewport_size({"width": width_px, "height": 800})
        if page.evaluate(_OVERFLOWS, ["html", *selectors]):
            found.append(width_px)
    return found


_OVERFLOWS = """async (selectors) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const elements = selectors.flatMap((selector) => [...document.querySelectorAll(selector)]);
    return elements.some((element) => element.scrollWidth > element.clientWidth);
}"""
