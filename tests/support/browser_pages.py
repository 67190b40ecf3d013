"""Applications served to a browser, and pages whose complaints do not go unheard."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page
from starlette.types import ASGIApp

START_LIMIT_S = 10
NO_COMPLAINTS = ("the server responded with a status of", "net::ERR_CONNECTION_REFUSED", "net::ERR_NETWORK_CHANGED")
"""What Chromium says of servers that refuse, of those that ended before the page which refreshes itself from them, and
of a machine whose network interfaces come and go, as they do when containers start."""
OpenPage = Callable[..., Page]


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The application on a free port, in a thread; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline_s = time.monotonic() + START_LIMIT_S
    while not server.started:
        assert thread.is_alive(), "the server ended before it began"
        assert time.monotonic() < deadline_s, f"the server did not start within {START_LIMIT_S} s"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def page_opener(browser: Browser) -> Iterator[OpenPage]:
    """A function that opens an address in a context of its own, with playwright's context options.

    The page's clock runs as usual and can be put forward (`page.clock.fast_forward`).

    Whatever Chromium complains of by then (scripts that fail, what the Content Security Policy forbids) fails the test,
    but for `NO_COMPLAINTS`.
    """
    contexts = []
    complaints: list[str] = []

    def open_page(url: str, **context_options: Any) -> Page:  # noqa: ANN401 - playwright's own
        context = browser.new_context(**context_options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.clock.install()
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(known in text for known in NO_COMPLAINTS)] == []
