"""Links to one item of a transaction."""

from urllib.parse import parse_qs, urlsplit

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.transaction import transaction
from local_insights.portal.links import item_link, item_number
from support.example_operation import ENTRY, INSERT, LOG, OPERATION, STORAGE, TRACE

EXCEPTION = LOG._replace(item_type=ItemType.EXCEPTION, message="lost connection")
LATER_LOG = LOG._replace(time_us=LOG.time_us + 1, message="inserted")
ITEMS = [*TRACE, EXCEPTION, LATER_LOG]


@pytest.mark.parametrize("item", [ENTRY, STORAGE, INSERT, LOG, EXCEPTION, LATER_LOG])
def test_link_selects_its_item(item: Item) -> None:
    link = urlsplit(item_link(item))
    assert link.path == f"/transaction/{OPERATION}"
    shown = transaction(OPERATION, ITEMS)
    assert shown is not None
    number = item_number(shown.items, parse_qs(link.query)["find"][0])
    assert number is not None
    found = shown.items[number - 1]
    assert (found.item_type, found.message or "", found.id or "") == (item.item_type, item.message, item.id)


@pytest.mark.parametrize(
    "name", ["", "request", "request:unknown:0", "request::", "log:s1:x", ":::", "request:f1:" + "9" * 40]
)
def test_unknown_name_selects_no_item_or_an_item_of_the_span(name: str) -> None:
    shown = transaction(OPERATION, ITEMS)
    assert shown is not None
    number = item_number(shown.items, name)
    assert number is None or shown.items[number - 1].id == "f1"
