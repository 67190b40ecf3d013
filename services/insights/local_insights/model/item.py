"""One telemetry item as the store keeps it: an envelope, normalised."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class ItemType(StrEnum):
    """The kinds of telemetry, under the names Application Insights gives them in `itemType`.

    A metric becomes `customMetric` or `performanceCounter`; every other kind has one envelope type.
    """

    REQUEST = "request"
    DEPENDENCY = "dependency"
    TRACE = "trace"
    EXCEPTION = "exception"
    CUSTOM_EVENT = "customEvent"
    CUSTOM_METRIC = "customMetric"
    PERFORMANCE_COUNTER = "performanceCounter"
    PAGE_VIEW = "pageView"
    BROWSER_TIMING = "browserTiming"
    AVAILABILITY_RESULT = "availabilityResult"


class Item(NamedTuple):
    """One item of telemetry. The order of the fields is the order of the store's columns.

    Text that was not sent is `""`; a number or flag that was not sent, or that this kind of item does not have, is
    `None`. Fields that end in `_json` hold a JSON object (or array) as text, `""` when there is none.
    """

    time_us: int
    """Start of the item (a request's or dependency's beginning), microseconds since the epoch, UTC."""
    item_type: str
    """An `ItemType`."""
    item_count: int
    """The weight: how many real events this item stands for under sampling, round(100 / sampleRate), at least 1."""
    role: str
    """The role name (`ai.cloud.role`), or the documented fallback; never empty."""
    role_instance: str
    operation_id: str
    """Trace id: lower case; empty when it was absent or all zeros."""
    operation_name: str
    id: str
    """Span id: bare lower-case hex where the sender used a hierarchical `|trace.span.`; empty when all zeros."""
    parent_id: str
    """Span id of the parent, normalised like `id`."""
    name: str
    """Name of the operation, dependency, event, metric, page or test."""
    duration_us: int | None
    success: bool | None
    result_code: str
    dependency_type: str
    """`HTTP`, `MySQL`, `INPROC`, ...: as sent. Dependencies only."""
    target: str
    """What a dependency called: normalised as `model.targets` says. Dependencies only."""
    data: str
    """A dependency's command (SQL text, URL); a request's or page view's URL."""
    source: str
    """A request's `source`."""
    severity: int | None
    """0 verbose, 1 information, 2 warning, 3 error, 4 critical."""
    message: str
    """A trace's text, an exception's outermost message, an availability result's message."""
    problem_id: str
    exceptions_json: str
    """An exception's chain as sent: typeName, message, parsedStack or stack, id, outerId."""
    value: float | None
    """A metric's value, or its sum when it is an aggregate."""
    value_count: int | None
    value_min: float | None
    value_max: float | None
    value_std_dev: float | None
    properties_json: str
    measurements_json: str
    details_json: str
    """Fields that only one kind of item has (runLocation, perfTotal, metric namespace, ...), under their wire names."""
    tags_json: str
    """Context tags that have no column of their own, under their wire names (`ai.user.id`, `ai.device.type`, ...)."""
    sent_json: str
    """Ids as they were sent where normalising changed them: operation_id, id, parent_id, target."""
    instrumentation_key: str
    sdk_version: str


def require_entries(table: str, entries: Iterable[object], kinds: Iterable[object]) -> None:
    """Check, when a module is imported, that a table has an entry for every kind of telemetry.

    Args:
        table: the name of the table, for the error.
        entries: the kinds for which the table has an entry.
        kinds: all kinds, such as `ItemType`.

    Raises:
        LookupError: entries are missing. A new kind needs an entry in every such table; see CONTRIBUTING.md.
    """
    present = set(entries)
    if missing := [str(kind) for kind in kinds if kind not in present]:
        message = f"{table} has no entry for {', '.join(missing)}"
        raise LookupError(message)
