"""Links to items and transactions: every link of every list opens exactly its item, for any id."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from local_insights.app import create_app
from local_insights.model.item import Item, ItemType
from local_insights.model.item_key import item_key
from local_insights.model.transaction import transaction
from local_insights.portal.links import item_link, item_number
from local_insights.portal.path_segments import decode_segment, encode_segment
from local_insights.portal.routes import portal_routes
from local_insights.settings import Settings
from local_insights.store.memory.store import MemoryStore
from support.example_operation import ENTRY, INSERT, LOG, OPERATION, STORAGE, TRACE
from support.items import item
from support.portal_pages import Portal

EXCEPTION = LOG._replace(item_type=ItemType.EXCEPTION, message="lost connection")
OTHER_LOG = LOG._replace(message="inserted")
ITEMS = [*TRACE, EXCEPTION, OTHER_LOG]
ANY_TEXT = st.text(st.characters(), max_size=40)
MALFORMED_IDS = (
    "run.json", "sub/run.json", "/subscriptions/1/run", "//", "..", "../overview", ".", "a%2fb", "%", "?x=1", "#x",
    "c:\\x", "~2F", "日本", "\ud83d", "\n", " a ", "file.html", "x" * 2_000,
)  # fmt: skip
NOW_US = 1_769_860_800_000_000


@pytest.mark.parametrize("sent", [ENTRY, STORAGE, INSERT, LOG, EXCEPTION, OTHER_LOG])
def test_link_selects_its_item(sent: Item) -> None:
    link = urlsplit(item_link(sent))
    assert link.path == f"/transaction/{OPERATION}"
    shown = transaction(OPERATION, ITEMS)
    assert shown is not None
    number = item_number(shown.items, parse_qs(link.query)["find"][0])
    assert number is not None
    assert shown.items[number - 1].stored == sent


@pytest.mark.parametrize("key", ["", "x", f"{ENTRY.time_us}-0123456789abcdef", "9" * 40, "-1-0123456789abcdef"])
def test_unknown_key_selects_no_item(key: str) -> None:
    shown = transaction(OPERATION, ITEMS)
    assert shown is not None
    assert item_number(shown.items, key) is None


@given(ANY_TEXT)
@example("~7E")
def test_segment_is_plain_and_decodes_to_its_text(text: str) -> None:
    segment = encode_segment(text)
    assert set(segment) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~")
    assert decode_segment(segment) == text


@pytest.mark.parametrize("typed", ["4BF9", "a.b", "~", "~2f", "~FF", "|root.1."])
def test_segment_that_is_not_encoded_is_taken_as_it_is(typed: str) -> None:
    assert decode_segment(typed) == typed


def assert_every_link_opens_its_item(ids: list[str]) -> None:
    """Store a failed request and a metric with each operation id, and follow the links of every list."""
    items = [
        item(
            item_type=kind,
            operation_id=operation_id,
            id=operation_id,
            time_us=NOW_US - number,
            name=f"item {number} {kind}",
            success=False if kind == ItemType.REQUEST else None,
            duration_us=1000 if kind == ItemType.REQUEST else None,
        )
        for number, operation_id in enumerate(dict.fromkeys(ids))
        for kind in (ItemType.REQUEST, ItemType.CUSTOM_METRIC)
    ]
    now = datetime.fromtimestamp(NOW_US / 1e6 + 1, UTC)
    portal = Portal(Starlette(routes=portal_routes(MemoryStore(items), lambda: now)))
    opened = {
        name: href
        for href, name in links_to_items(portal, "/search").items()
        if portal.get(href).one("h2", id="item-title").text == name
        and f'"name":"{name}"' in portal.get(f"{urlsplit(href).path}.json").text
        and urljoin("http://127.0.0.1/search", href).endswith(href)
    }
    assert opened.keys() == {item.name for item in items}
    for address in ("/failures", "/performance"):
        links = links_to_items(portal, address)
        assert links == {opened[name]: name for name in links.values()}
        assert len(links) == len(items) // 2
    transactions = links_to_items(portal, "/transaction")
    assert set(transactions) == {urlsplit(href).path for href in opened.values() if href.startswith("/transaction/")}


def links_to_items(portal: Portal, address: str) -> dict[str, str]:
    """Return the links to items and transactions in a list, with their texts."""
    links = (link for link in portal.get(address).all("a") if link.text.strip().startswith("item "))
    return {
        link.attributes["href"]: link.text.strip()
        for link in links
        if link.attributes["href"].startswith(("/item/", "/transaction/"))
    }


def test_every_link_of_a_list_opens_its_item_for_malformed_ids() -> None:
    for first in range(0, len(MALFORMED_IDS), 10):
        assert_every_link_opens_its_item([*MALFORMED_IDS[first : first + 10], ""])


@settings(max_examples=10)
@given(st.lists(ANY_TEXT, min_size=1, max_size=3))
def test_every_link_of_a_list_opens_its_item_for_any_id(ids: list[str]) -> None:
    assert_every_link_opens_its_item(ids)


def test_links_work_with_the_middleware_of_the_server() -> None:
    items = [item(operation_id=operation_id, name="found", time_us=NOW_US) for operation_id in ("//a", "..", "b.json")]
    portal = Portal(create_app(Settings(), MemoryStore(items)))
    for stored in items:
        assert portal.get(item_link(stored)).one("h2", id="item-title").text == "found"


def test_key_is_the_same_in_every_store_and_after_new_fields() -> None:
    stored = MemoryStore()
    asyncio.run(stored.append([ENTRY, LOG]))
    assert [item_key(item) for item in stored.transaction(OPERATION)] == [item_key(ENTRY), item_key(LOG)]
    assert item_key(EMPTY) == f"{EMPTY.time_us}-{EMPTY_DIGEST}", "the key of stored items must not change"


EMPTY = item(time_us=NOW_US)
EMPTY_DIGEST = "e63366d70b1e83ed"
