"""The page as HTML, without JavaScript."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from support.fake_backends import OPERATION_ID, FakeBackends

pytestmark = pytest.mark.anyio

TRANSACTION_URL = f"http://127.0.0.1:8080/transaction/{OPERATION_ID}"


class Page(HTMLParser):
    """The texts, alerts and links of the page, and the content of its input."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.text = ""
        self.alerts: list[str] = []
        self.links: list[str | None] = []
        self.draft: str | None = None
        self.inline: list[str] = []
        self._alert_depth = 0
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in {"script", "style"} or "style" in attributes or any(name.startswith("on") for name in attributes):
            self.inline.append(tag)
        if tag in {"a", "link"}:
            self.links.append(attributes.get("href"))
        if attributes.get("name") == "value":
            self.draft = attributes.get("value")
        if self._alert_depth or attributes.get("role") == "alert":
            self._alert_depth += 1
            if self._alert_depth == 1:
                self.alerts.append("")

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._alert_depth = max(0, self._alert_depth - 1)

    def handle_data(self, data: str) -> None:
        self.text += re.sub(r"\s+", " ", data)
        if self._alert_depth:
            self.alerts[-1] += re.sub(r"\s+", " ", data)


def is_down(request: httpx.Request) -> httpx.Response:
    message = "connection refused"
    raise httpx.ConnectError(message, request=request)


async def test_page_has_the_form_and_the_latest_values_with_their_transactions(
    client: httpx.AsyncClient, backends: FakeBackends
) -> None:
    backends.values = ["first", "second"]
    response = await client.get("/")
    page = Page(response)
    assert response.status_code == 200
    assert page.draft == ""
    assert page.text.index("second") < page.text.index("first")
    assert page.links.count(TRANSACTION_URL) == 2
    assert "http://127.0.0.1:8080/map" in page.links
    assert page.alerts == []


async def test_page_without_values_shows_none_yet(client: httpx.AsyncClient) -> None:
    assert "None yet" in Page(await client.get("/")).text


async def test_page_shows_the_value_that_echo_returned(client: httpx.AsyncClient, backends: FakeBackends) -> None:
    backends.echo = lambda _request: httpx.Response(200, json={"value": "an echo"})
    response = await client.post("/", data={"value": "a call"})
    page = Page(response)
    assert response.status_code == 201
    assert "an echo" in page.text
    assert "as value 1." in page.text
    assert TRANSACTION_URL in page.links
    assert page.draft == ""
    assert backends.requests == ["echo POST /echo", "storage POST /values", "storage GET /values?limit=10"]


@pytest.mark.parametrize("value", ["", "x" * 1001])
async def test_invalid_value_is_rejected_next_to_the_input_with_the_draft_preserved(
    client: httpx.AsyncClient, backends: FakeBackends, value: str
) -> None:
    response = await client.post("/", data={"value": value})
    page = Page(response)
    assert response.status_code == 422
    assert page.alerts == [f"Enter 1 to 1,000 characters, got {len(value):,}."]
    assert page.draft == value
    assert backends.requests == ["storage GET /values?limit=10"]


async def test_failing_storage_is_named_in_an_alert_and_the_draft_is_preserved(
    client: httpx.AsyncClient, backends: FakeBackends
) -> None:
    backends.storage = is_down
    response = await client.post("/", data={"value": "4"})
    page = Page(response)
    assert response.status_code == 503
    assert "storage is unreachable" in page.alerts[0]
    assert page.draft == "4"
    assert backends.requests == ["echo POST /echo", "storage POST /values"]


async def test_failing_echo_leaves_the_latest_values_on_the_page(
    client: httpx.AsyncClient, backends: FakeBackends
) -> None:
    backends.values = ["an earlier one"]
    backends.echo = is_down
    page = Page(await client.post("/", data={"value": "4"}))
    assert "echo is unreachable" in page.alerts[0]
    assert "an earlier one" in page.text


async def test_page_is_served_when_the_values_cannot_be_listed(
    client: httpx.AsyncClient, backends: FakeBackends
) -> None:
    backends.storage = is_down
    response = await client.get("/")
    page = Page(response)
    assert response.status_code == 200
    assert page.alerts == ["storage is unreachable (ConnectError). Try again in a few seconds."]


async def test_value_is_escaped(client: httpx.AsyncClient) -> None:
    page = Page(await client.post("/", data={"value": "<script>alert(1)</script>"}))
    assert "<script>alert(1)</script>" in page.text
    assert page.inline == []


async def test_control_characters_are_replaced_by_their_pictures(
    client: httpx.AsyncClient, backends: FakeBackends
) -> None:
    backends.values = ["a\0b\x7fc"]
    response = await client.get("/")
    assert "a␀b␡c" in Page(response).text
    assert "\0" not in response.text


async def test_content_security_policy_allows_own_styles_and_pictures_only(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = Page(response)
    assert page.inline == []
    for path in [link for link in page.links if link and link.startswith("/static/")]:
        assert (await client.get(path)).status_code == 200


async def test_form_of_another_site_is_rejected_with_a_problem(
    client: httpx.AsyncClient, backends: FakeBackends
) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "http://evil.example"}
    response = await client.post("/", data={"value": "x"}, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (403, "application/problem+json")
    assert backends.requests == []
