"""Pages of the portal as a test reads them: the answer, and its elements."""

import asyncio
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
from starlette.types import ASGIApp

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Element:
    """One element of a page; `text` is all text within."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class PageResponse:
    """An answer and, when it is a page, its elements in document order."""

    status: int
    headers: httpx.Headers
    content: bytes
    elements: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.content.decode()

    def all(self, name: str, **attributes: str) -> list[Element]:
        """Elements of that name whose attributes have these values; `class_` asks for one class among others."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [element for element in self.elements if element.name == name and _has(element, wanted)]

    def one(self, name: str, **attributes: str) -> Element:
        """The only such element."""
        found = self.all(name, **attributes)
        assert len(found) == 1, f"{len(found)} of <{name} {attributes}>"
        return found[0]


class Portal:
    """An application, asked in process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def get(self, url: str, headers: dict[str, str] | None = None) -> PageResponse:
        """GET `url`."""
        response = asyncio.run(self._get(url, headers or {}))
        reader = _Reader()
        if response.headers.get("content-type", "").startswith("text/html"):
            reader.feed(response.text)
            assert not reader.open, f"elements left open: {[element.name for element in reader.open]}"
        return PageResponse(response.status_code, response.headers, response.content, reader.elements)

    async def _get(self, url: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.get(url, headers=headers)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in {element.name for element in self.open} - {"option"}:
            while self.open.pop().name != tag:
                pass
        elif tag == "option":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def _has(element: Element, wanted: dict[str, str]) -> bool:
    return all(
        value in element.attributes.get("class", "").split() if key == "class" else element.attributes.get(key) == value
        for key, value in wanted.items()
    )
