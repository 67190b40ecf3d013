import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import local_insights.portal
from support.portal_pages import PageResponse

FOLDER = Path(local_insights.portal.__file__).parent
VENDORED = FOLDER / "static" / "vendor"
SELF_CONTAINED = "transaction_file.html"
"""Contains its styles, because it loads no other file; it has its own test."""
Get = Callable[..., PageResponse]


def test_vendored_files_match_their_published_hashes() -> None:
    listed = re.findall(
        r"^\| `(\w+)/` \|.*`\w+/([\w.-]+)` \|.*`([0-9a-f]{64})` \|$", (VENDORED / "README.md").read_text(), re.MULTILINE
    )
    assert {f"{folder}/{name}" for folder, name, _ in listed} == {
        path.relative_to(VENDORED).as_posix() for path in VENDORED.glob("*/*") if path.name != "LICENSE"
    }
    for folder, name, digest in listed:
        assert hashlib.sha256((VENDORED / folder / name).read_bytes()).hexdigest() == digest
        assert (VENDORED / folder / "LICENSE").exists()


@pytest.mark.parametrize(
    "template",
    sorted(path for path in (FOLDER / "templates").iterdir() if path.name != SELF_CONTAINED),
    ids=lambda path: path.name,
)
def test_templates_have_no_inline_script_or_style(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text))
    assert "| safe" not in text


@pytest.mark.parametrize("page", ["/map?node=role:storage", "/map?view=table", "/transaction", "/map?since=x"])
def test_every_file_and_icon_of_a_page_exists(get: Get, page: str) -> None:
    response = get(page)
    addresses = {
        element.attributes.get("src") or element.attributes.get("href", "").partition("#")[0]
        for element in response.elements
        if element.name in {"script", "link", "use"}
    }
    icons = (FOLDER / "static" / "icons.svg").read_text()
    for address in addresses:
        assert get(address).status == 200, address
    for use in response.all("use"):
        assert f'id="{use.attributes["href"].partition("#")[2]}"' in icons


def test_static_files_are_revalidated_on_every_use(get: Get) -> None:
    first = get("/static/map.css")
    assert first.headers["cache-control"] == "no-cache"
    again = get("/static/map.css", {"If-None-Match": first.headers["etag"]})
    assert again.status == 304


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    full = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(full[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TOKENS = dict(
    re.findall(r"--(\w+): light-dark\((#\w+, #\w+)\);", (FOLDER / "static" / "tokens.css").read_text()),
)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("token", ["text", "muted", "ok", "warning", "error", "accent"])
def test_every_text_colour_has_the_required_contrast(token: str, theme: int) -> None:
    colour, *grounds = (TOKENS[name].split(", ")[theme] for name in (token, "canvas", "surface", "hover"))
    assert min(_contrast(colour, ground) for ground in grounds) >= 4.5
