"""The frontend's page in Chromium: with the keyboard, without JavaScript, for everyone, on a phone."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from frontend.main import create_app
from frontend.settings import FrontendSettings
from support.fake_backends import OPERATION_ID, FakeBackends
from support.recorded_telemetry import Recorded

LONG_WORD = "x" * 1000


def out_of_reach(request: httpx.Request) -> httpx.Response:
    message = "refused"
    raise httpx.ConnectError(message, request=request)


@pytest.fixture
def backends() -> FakeBackends:
    return FakeBackends(values=["first", "<b>second</b>", "مرحبا"])


@pytest.fixture
def frontend_url(backends: FakeBackends) -> Iterator[str]:
    app = create_app(FrontendSettings(), Recorded("frontend").telemetry, httpx.MockTransport(backends))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline_s = time.monotonic() + 10
    while not server.started:
        assert thread.is_alive(), "the server ended before it began"
        assert time.monotonic() < deadline_s, "the server did not start within 10 s"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def open_page(browser: Browser, frontend_url: str) -> Iterator[Callable[..., Page]]:
    """Opens the page in a context of its own; what Chromium complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(**context_options: Any) -> Page:  # noqa: ANN401 - playwright's own
        context = browser.new_context(**context_options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(frontend_url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in complaints if "the server responded with a status of" not in text] == []


def send(page: Page, value: str) -> None:
    page.get_by_label("Value", exact=True).fill(value)
    page.get_by_role("button", name="Send").click()


def test_value_is_entered_and_its_transaction_reached_by_keyboard_alone(open_page: Callable[..., Page]) -> None:
    page = open_page()
    expect(page.get_by_label("Value", exact=True)).to_be_focused()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    outcome = page.get_by_role("status")
    expect(outcome).to_contain_text("Stored as value 4.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Open the transaction")
    expect(link).to_be_focused()
    expect(link).to_have_attribute("href", f"http://127.0.0.1:8080/transaction/{OPERATION_ID}")


def test_page_needs_no_javascript(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    send(page, "4")
    expect(page.get_by_role("status")).to_contain_text("Stored as value 4.")
    expect(page.get_by_role("row")).to_have_count(5)


def test_failure_is_told_beside_the_value_that_was_not_stored(
    open_page: Callable[..., Page], backends: FakeBackends
) -> None:
    backends.echo = out_of_reach
    page = open_page()
    send(page, "4")
    expect(page.get_by_role("alert")).to_contain_text("The value was not stored. echo cannot be reached")
    expect(page.get_by_label("Value", exact=True)).to_have_value("4")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["latest values", "stored", "refused", "failing", "empty", "not listed"])
def test_page_is_accessible(
    open_page: Callable[..., Page], backends: FakeBackends, state: str, color_scheme: str
) -> None:
    if state == "empty":
        backends.values = []
    if state == "failing":
        backends.echo = out_of_reach
    if state == "not listed":
        backends.storage = out_of_reach
    page = open_page(color_scheme=color_scheme)
    if state in {"stored", "refused", "failing"}:
        send(page, "x" * 1001 if state == "refused" else "4")
        expect(page.get_by_role("status" if state == "stored" else "alert")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width_px", [320, 390, 1440])
def test_nothing_is_wider_than_the_window(open_page: Callable[..., Page], width_px: int) -> None:
    page = open_page(viewport={"width": width_px, "height": 700})
    send(page, LONG_WORD)
    expect(page.get_by_role("status")).to_contain_text("Stored")
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
