"""The telemetry item: a normalized envelope, as it is stored."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class ItemType(StrEnum):
    """The types of telemetry, with the names that Application Insights uses in `itemType`.

    A metric envelope becomes `customMetric` or `performanceCounter`. Every other type has one envelope type.
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
    """One item of telemetry. The order of the fields is the order of the columns in the database.

    A missing text is `""`. A missing number or flag is `None`, also if this type of item does not have it. Fields whose
    name ends with `_json` contain a JSON object (or array) as text, or `""`.
    """

    time_us: int
    """Start time of the item, in microseconds since 1970, UTC."""
    item_type: str
    """An `ItemType`."""
    item_count: int
    """Weight: the number of events that this item represents under sampling, round(100 / sampleRate), at least 1."""
    role: str
    """Role name (`ai.cloud.role`), or the documented fallback; never empty."""
    role_instance: str
    operation_id: str
    """Trace id in lower case; empty if it was missing or all zeros."""
    operation_name: str
    id: str
    """Span id: plain lower-case hex, also for hierarchical ids (`|trace.span.`); empty if it was all zeros."""
    parent_id: str
    """Span id of the parent, normalized like `id`."""
    name: str
    """Name of the request, dependency, event, metric, page or test."""
    duration_us: int | None
    success: bool | None
    result_code: str
    dependency_type: str
    """`HTTP`, `MySQL`, `INPROC`, ..., as sent. Dependencies only."""
    target: str
    """Target of a dependency, normalized by `model.targets`. Dependencies only."""
    data: str
    """Command of a dependency (SQL text, URL); URL of a request or page view."""
    source: str
    """The `source` field of a request."""
    severity: int | None
    """0 verbose, 1 information, 2 warning, 3 error, 4 critical."""
    message: str
    """Text of a trace, outermost message of an exception, message of an availability result."""
    problem_id: str
    exceptions_json: str
    """Chain of an exception, as sent: typeName, message, parsedStack or stack, id, outerId."""
    value: float | None
    """Value of a metric, or the sum if it is an aggregate."""
    value_count: int | None
    value_min: float | None
    value_max: float | None
    value_std_dev: float | None
    properties_json: str
    measurements_json: str
    details_json: str
    """Fields of only one type of item (runLocation, perfTotal, metric namespace, ...), with their wire names."""
    tags_json: str
    """Context tags without a column, with their wire names (`ai.user.id`, `ai.device.type`, ...)."""
    sent_json: str
    """Original values that normalization changed: operation_id, id, parent_id, target."""
    instrumentation_key: str
    sdk_version: str


def names_operation_as_parent(item: Item) -> bool:
    """Return True if the parent id of an item is its operation id: without an item of that id, it has no parent.

    Application Insights SDKs send root requests like this; a page view of the JavaScript SDK may have that id.
    """
    return item.parent_id == item.operation_id


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
