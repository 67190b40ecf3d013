"""Responses of the portal for tests: status, headers, and the elements of a page."""

import asyncio
import re
from dataclasses import dataclass, field
from html import unescape

import httpx
from starlette.types import ASGIApp

from local_insights.model.item_key import item_key
from local_insights.portal.page_views import PageEntry
from support.fake_store import OPERATION_ID, stocked_store

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
RAW_TEXT = {"script", "style"}
_VALUE = r"""(?:="[^"]*"|='[^']*')?"""
_TAG = re.compile(
    rf"""<!doctype[^<>]*>|<!--.*?-->|<(/?)([a-z][a-z0-9-]*)((?:\s+[^\s"'<>/=]+{_VALUE})*)\s*(/?)>""",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(rf"""([^\s"'=]+)({_VALUE})""")


@dataclass
class Element:
    """One element of a page; `text` is all the text that it contains."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class PageResponse:
    """A response and, when it is HTML, its elements in document order."""

    status: int
    headers: httpx.Headers
    content: bytes
    elements: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.content.decode()

    def all(self, name: str, **attributes: str) -> list[Element]:
        """Return the elements of that name with these attributes; `class_` matches one of several classes."""
        expected = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [element for element in self.elements if element.name == name and _has(element, expected)]

    def one(self, name: str, **attributes: str) -> Element:
        """Return the only element of that name with these attributes."""
        found = self.all(name, **attributes)
        assert len(found) == 1, f"{len(found)} elements <{name} {attributes}>"
        return found[0]


def page_address(entry: PageEntry, now_us: int) -> str:
    """Return the address of a page; a path parameter is the operation of `stocked_store` or its last item."""
    key = item_key(stocked_store(now_us).items[OPERATION_ID][-1])
    return entry.path.replace("{operation_id:path}", OPERATION_ID).replace("{key}", key)


class Portal:
    """An application that is called in the same process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def get(self, url: str, headers: dict[str, str] | None = None) -> PageResponse:
        """Send a GET request and return the response."""
        response = asyncio.run(self._get(url, headers or {}))
        is_page = response.headers.get("content-type", "").startswith("text/html")
        elements = read_elements(response.text) if is_page else []
        return PageResponse(response.status_code, response.headers, response.content, elements)

    async def _get(self, url: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.get(url, headers=headers)


def read_elements(page: str) -> list[Element]:
    """Return the elements of a page in document order.

    Stricter than a browser: every `<` belongs to a tag, a comment or the document type, attribute values are
    in quotes, and every element that needs an end tag has one. HTMLParser takes five times as long.
    """
    elements: list[Element] = []
    texts: list[str] = []
    unclosed: list[tuple[Element, int]] = []  # the element, and the index of its first text
    position = 0
    while tag := _TAG.search(page, position):
        _add_text(texts, page[position : tag.start()])
        position = tag.end()
        closes, name, attributes, self_closing = tag.groups()
        if closes:
            closed, start = unclosed.pop()
            assert closed.name == name.lower(), f"<{closed.name}> is closed by </{name}>"
            closed.text = "".join(texts[start:])
        elif name:
            pairs = _ATTRIBUTE.findall(attributes)
            element = Element(name.lower(), {key.lower(): unescape(value[2:-1]) for key, value in pairs})
            elements.append(element)
            if not self_closing and element.name not in VOID:
                unclosed.append((element, len(texts)))
            if element.name in RAW_TEXT:
                end = page.index(f"</{name}", position)
                texts.append(page[position:end])
                position = end
    _add_text(texts, page[position:])
    assert not unclosed, f"elements without an end tag: {[element.name for element, _ in unclosed]}"
    return elements


def _add_text(texts: list[str], text: str) -> None:
    assert "<" not in text, f"not a tag: {text[text.index('<') :][:100]}"
    if text:
        texts.append(unescape(text))


def _has(element: Element, expected: dict[str, str]) -> bool:
    return all(
        value in element.attributes.get("class", "").split() if key == "class" else element.attributes.get(key) == value
        for key, value in expected.items()
    )
