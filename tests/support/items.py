"""Factories of items: every field has a default, a test passes those that matter to it."""

from local_insights.model.item import Item, ItemType
from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import ItemReader

NOON_US = 1_795_435_200_000_000
"""2026-11-23, noon."""
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
ALL_ITEMS = 2**31

EMPTY_ITEM = Item(
    time_us=NOON_US,
    item_type=ItemType.TRACE,
    item_count=1,
    role="frontend",
    role_instance="vm",
    operation_id="4bf92f3577b34da6a3ce929d0e0e4736",
    operation_name="",
    id="",
    parent_id="",
    name="",
    duration_us=None,
    success=None,
    result_code="",
    dependency_type="",
    target="",
    data="",
    source="",
    severity=None,
    message="",
    problem_id="",
    exceptions_json="",
    value=None,
    value_count=None,
    value_min=None,
    value_max=None,
    value_std_dev=None,
    properties_json="",
    measurements_json="",
    details_json="",
    tags_json="",
    sent_json="",
    instrumentation_key="",
    sdk_version="",
)


def item(**fields: object) -> Item:
    """Return an item, by default a request to frontend, with these fields."""
    return EMPTY_ITEM._replace(**{"item_type": ItemType.REQUEST, **fields})  # type: ignore[arg-type]


def request(role: str, span: str, parent: str = "", **fields: object) -> Item:
    """Return a request that `role` served in 1 ms."""
    defaults = {"item_type": ItemType.REQUEST, "role": role, "id": span, "parent_id": parent, "name": "GET /values"}
    return EMPTY_ITEM._replace(**{**defaults, "duration_us": 1000, "success": True, **fields})  # type: ignore[arg-type]


def call(role: str, span: str, parent: str = "", **fields: object) -> Item:
    """Return an HTTP call of `role` with a duration of 1 ms."""
    defaults = {"item_type": ItemType.DEPENDENCY, "role": role, "id": span, "parent_id": parent, "name": "GET"}
    http = {"dependency_type": "HTTP", "target": "127.0.0.1:8001"}
    return EMPTY_ITEM._replace(**{**defaults, **http, "duration_us": 1000, "success": True, **fields})  # type: ignore[arg-type]


def in_process(role: str, span: str, parent: str = "", **fields: object) -> Item:
    """Return an in-process span of `role`."""
    return call(role, span, parent, **{"dependency_type": "INPROC", "target": "", **fields})


def all_items(store: ItemReader) -> list[Item]:
    """Return all items of a store, in storage order."""
    return [item for _, item in store.stored_items(-1, ALL_TIME, ALL_ITEMS)]
