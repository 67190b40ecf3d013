"""The frontend's page in Chromium: by keyboard, without JavaScript, accessibility, narrow windows."""

from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from frontend.main import create_app
from frontend.settings import FrontendSettings
from support.browser_pages import OpenPage, serving
from support.fake_backends import OPERATION_ID, FakeBackends
from support.recorded_telemetry import Recorded

LONG_WORD = "x" * 1000


def is_unreachable(request: httpx.Request) -> httpx.Response:
    message = "connection refused"
    raise httpx.ConnectError(message, request=request)


@pytest.fixture
def backends() -> FakeBackends:
    return FakeBackends(values=["first", "<b>second</b>", "مرحبا"])


@pytest.fixture
def open_page(open_url: OpenPage, backends: FakeBackends) -> Iterator[OpenPage]:
    """Opens the page in a browser context of its own, with playwright's context options."""
    app = create_app(FrontendSettings(), Recorded("frontend").telemetry, httpx.MockTransport(backends))
    with serving(app) as url:
        yield lambda **options: open_url(url, **options)


def send(page: Page, value: str) -> None:
    field = page.get_by_label("Value", exact=True)
    expect(field).to_be_focused()  # Chromium logs a message if the page is used before its autofocus
    field.fill(value)
    page.get_by_role("button", name="Send").click()


def test_value_and_its_transaction_by_keyboard(open_page: OpenPage) -> None:
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


def test_page_works_without_javascript(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    send(page, "4")
    expect(page.get_by_role("status")).to_contain_text("Stored as value 4.")
    expect(page.get_by_role("row")).to_have_count(5)


def test_failure_is_shown_with_the_value_that_was_not_stored(open_page: OpenPage, backends: FakeBackends) -> None:
    backends.echo = is_unreachable
    page = open_page()
    send(page, "4")
    expect(page.get_by_role("alert")).to_contain_text("The value was not stored. echo is unreachable")
    expect(page.get_by_label("Value", exact=True)).to_have_value("4")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["latest values", "stored", "rejected", "failing", "empty", "not listed"])
def test_page_is_accessible(open_page: OpenPage, backends: FakeBackends, state: str, color_scheme: str) -> None:
    if state == "empty":
        backends.values = []
    if state == "failing":
        backends.echo = is_unreachable
    if state == "not listed":
        backends.storage = is_unreachable
    page = open_page(color_scheme=color_scheme)
    if state in {"stored", "rejected", "failing"}:
        send(page, "x" * 1001 if state == "rejected" else "4")
        expect(page.get_by_role("status" if state == "stored" else "alert")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width_px", [320, 390, 1440])
def test_page_is_not_wider_than_the_window(open_page: OpenPage, width_px: int) -> None:
    page = open_page(viewport={"width": width_px, "height": 700})
    send(page, LONG_WORD)
    expect(page.get_by_role("status")).to_contain_text("Stored")
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
