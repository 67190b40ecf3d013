"""The page `/docs` in Chromium: Swagger UI under the Content-Security-Policy, without other hosts.

`open_url` fails a test on every console message, so also on everything that the policy blocks. There is no axe test:
Swagger UI itself has violations (contrast, labels, heading order, nested controls).
"""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from playwright.sync_api import Request, expect

import echo.main
import frontend.main
import storage.main
from support.browser_pages import OpenPage, serving
from support.recorded_telemetry import Recorded

OPERATIONS = {
    echo.main.create_app: ["GET /healthz", "POST /echo"],
    frontend.main.create_app: ["GET /healthz", "POST /values", "GET /values"],
    storage.main.create_app: ["GET /healthz", "POST /values", "GET /values"],
}


@pytest.mark.parametrize("create_app", OPERATIONS, ids=lambda create_app: create_app.__module__.partition(".")[0])
def test_docs_page_lists_the_operations_and_loads_nothing_from_other_hosts(
    open_url: OpenPage, create_app: Callable[..., FastAPI]
) -> None:
    with serving(create_app(telemetry=Recorded("docs").telemetry)) as url:
        page = open_url("about:blank")
        requests: list[str] = []

        def record(request: Request) -> None:
            requests.append(request.url)

        page.on("request", record)
        page.goto(f"{url}/docs")
        operations = page.locator(".opblock-summary")
        expect(operations).to_have_count(len(OPERATIONS[create_app]))
        listed = [
            f"{operation.locator('.opblock-summary-method').inner_text()} "
            f"{operation.locator('.opblock-summary-path').get_attribute('data-path')}"
            for operation in operations.all()
        ]
    assert [address for address in requests if not address.startswith((url, "data:"))] == []
    assert listed == OPERATIONS[create_app]


def test_operation_can_be_tried_on_the_docs_page(open_url: OpenPage) -> None:
    with serving(echo.main.create_app(Recorded("echo").telemetry)) as url:
        page = open_url(f"{url}/docs")
        page.locator(".opblock-post").get_by_role("button", name="/echo").first.click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.locator(".live-responses-table .response-col_status").last).to_have_text("200")
