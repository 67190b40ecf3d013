"""Maps the data of each telemetry type to columns of the store."""

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

import msgspec

from local_insights.ingest.envelope import (
    Availability,
    BaseData,
    DataPoint,
    Dependency,
    Event,
    ExceptionData,
    ExceptionDetails,
    Message,
    Metric,
    MetricKind,
    PageView,
    PageViewPerformance,
    Request,
    StackFrame,
)
from local_insights.ingest.track_response import RejectedItemError
from local_insights.ingest.values import duration_us, severity
from local_insights.model.item import ItemType, require_entries
from local_insights.model.targets import normalize_target, normalize_type

MAX_METRICS = 1_000
"""The limit per envelope. Application Insights stores only the first metric; here each one becomes an item."""
_COUNTER = re.compile(r"\\(?P<category>[^\\(]+)(?:\((?P<instance>.*)\))?\\(?P<counter>[^\\]+)")
_AGGREGATION = {1, "Aggregation"}
_TYPES_WITHOUT_MEANING = frozenset({"", "string", "object", "number", "undefined", "null"})
"""Types of exceptions, in lower case, that do not state what failed: JavaScript can throw any value."""
_NO_METHOD = ("<no_method>", "<anonymous>", "?")
"""Ends of texts that SDKs send instead of the method of a frame, such as `Object.<anonymous>`."""
_MAX_NAME = 1024
_encode = msgspec.json.Encoder().encode


class ItemFields(msgspec.Struct, frozen=True, gc=False):
    """The fields of an item that depend on its type. Names and units are those of `model.item.Item`."""

    item_type: str
    id: str = ""
    name: str = ""
    duration_us: int | None = None
    success: bool | None = None
    result_code: str = ""
    dependency_type: str = ""
    target: str = ""
    data: str = ""
    source: str = ""
    severity: int | None = None
    message: str = ""
    problem_id: str = ""
    exceptions_json: str = ""
    value: float | None = None
    value_count: int | None = None
    value_min: float | None = None
    value_max: float | None = None
    value_std_dev: float | None = None
    measurements_json: str = ""
    details_json: str = ""
    sent_target: str = ""
    """The original target when normalization changed it, else empty. The same applies to `sent_type`."""
    sent_type: str = ""


def item_fields(base_data: BaseData) -> list[ItemFields]:
    """Return the fields of an envelope's data: one entry, or one per metric.

    Raises:
        ValueError: a duration is invalid.
        RejectedItemError: metric data with no metric or too many, or exception data without an exception.
    """
    if isinstance(base_data, Metric):
        if not base_data.metrics:
            message = "data.baseData.metrics: expected at least one metric, got none"
            raise RejectedItemError(message)
        if len(base_data.metrics) > MAX_METRICS:
            message = f"data.baseData.metrics: expected at most {MAX_METRICS:,}, got {len(base_data.metrics):,}"
            raise RejectedItemError(message)
        custom = (base_data.properties or {}).get("CustomPerfCounter") in {"true", "True", True}
        return [_data_point(point, custom_counter=custom) for point in base_data.metrics]
    return [_READERS[type(base_data)](base_data)]


def json_text(value: Mapping[str, Any] | list[Any] | None) -> str:
    """Return an object or array as JSON; an empty text when it has no entries."""
    return _encode(value).decode() if value else ""


def _request(sent: Request) -> ItemFields:
    return ItemFields(
        ItemType.REQUEST,
        sent.id or "",
        sent.name or "",
        duration_us(sent.duration),
        sent.success is not False,
        sent.response_code or "",
        data=sent.url or "",
        source=sent.source or "",
        measurements_json=json_text(sent.measurements),
    )


def _dependency(sent: Dependency) -> ItemFields:
    name = sent.name or sent.remote_dependency_name or ""
    sent_type = sent.type or sent.dependency_type_name or ""
    dependency_type = normalize_type(sent_type, name)
    data = sent.data or sent.command_name or ""
    target = sent.target or ""
    normalized = normalize_target(dependency_type, target, data, name)
    return ItemFields(
        ItemType.DEPENDENCY,
        sent.id or "",
        name,
        duration_us(sent.value if sent.duration is None else sent.duration),
        sent.success is not False,
        sent.result_code or "",
        dependency_type,
        normalized,
        data,
        measurements_json=json_text(sent.measurements),
        sent_target=target if normalized != target else "",
        sent_type=sent_type if dependency_type != sent_type else "",
    )


def _message(sent: Message) -> ItemFields:
    return ItemFields(
        ItemType.TRACE,
        severity=severity(sent.severity_level),
        message=sent.message or "",
        measurements_json=json_text(sent.measurements),
    )


def _exception(sent: ExceptionData) -> ItemFields:
    if not sent.exceptions:
        message = "data.baseData.exceptions: expected at least one exception, got none"
        raise RejectedItemError(message)
    outermost = sent.exceptions[0]
    name = _exception_name(outermost)
    return ItemFields(
        ItemType.EXCEPTION,
        name=name,
        severity=severity(sent.severity_level),
        message=outermost.message or "",
        problem_id=sent.problem_id or _problem_id(name, outermost),
        exceptions_json=json_text(sent.exceptions),
        measurements_json=json_text(sent.measurements),
        details_json=json_text(_sent({"handledAt": sent.handled_at})),
    )


def _exception_name(outermost: ExceptionDetails) -> str:
    """Return the type of an exception, or the first line of its message if the type does not state what failed.

    Browsers report an uncaught error as a text: type `String`, message `Uncaught TypeError: x is null`.
    """
    type_name = outermost.type_name or ""
    if type_name.lower() in _TYPES_WITHOUT_MEANING and outermost.message:
        return outermost.message.strip().partition("\n")[0][:_MAX_NAME] or type_name
    return type_name


def _problem_id(name: str, outermost: ExceptionDetails) -> str:
    """Return `Type at Method`, the id that Application Insights generates when the SDK sends none.

    A frame without a method, such as that of an anonymous function, has `file:line` instead.
    """
    frames = sorted(outermost.parsed_stack or [], key=lambda frame: frame.level or 0)
    place = next((place for frame in frames if (place := _place(frame))), "")
    return " at ".join(part for part in (name, place) if part)


def _place(frame: StackFrame) -> str:
    method = (frame.method or "").strip()
    if method and not method.endswith(_NO_METHOD):
        return method
    return f"{frame.file_name}:{frame.line}" if frame.file_name and frame.line else frame.file_name or ""


def _event(sent: Event) -> ItemFields:
    return ItemFields(ItemType.CUSTOM_EVENT, name=sent.name or "", measurements_json=json_text(sent.measurements))


def _data_point(sent: DataPoint, *, custom_counter: bool) -> ItemFields:
    r"""Map a metric, or a performance counter when its name has the form `\Category(Instance)\Counter`."""
    name = sent.name or ""
    counter = _COUNTER.fullmatch(name)
    details = {"ns": sent.ns, "kind": None if sent.kind is None else _kind(sent.kind)}
    if counter:
        details |= counter.groupdict()
    return ItemFields(
        ItemType.PERFORMANCE_COUNTER if counter or custom_counter else ItemType.CUSTOM_METRIC,
        name=name,
        value=sent.value,
        value_count=sent.count,
        value_min=sent.min,
        value_max=sent.max,
        value_std_dev=sent.std_dev,
        details_json=json_text(_sent(details)),
    )


def _kind(sent: MetricKind) -> str:
    return "Aggregation" if sent in _AGGREGATION else "Measurement"


def _page_view(sent: PageView) -> ItemFields:
    return ItemFields(
        ItemType.PAGE_VIEW,
        sent.id or "",
        sent.name or "",
        duration_us(sent.duration),
        data=sent.url or "",
        measurements_json=json_text(sent.measurements),
        details_json=json_text(_sent({"referrerUri": sent.referrer_uri or sent.referred_uri})),
    )


def _page_view_performance(sent: PageViewPerformance) -> ItemFields:
    parts = {
        "perfTotal": sent.perf_total,
        "networkConnect": sent.network_connect,
        "sentRequest": sent.sent_request,
        "receivedResponse": sent.received_response,
        "domProcessing": sent.dom_processing,
    }
    durations_us = {name: duration_us(part) for name, part in parts.items()}
    total_us = durations_us["perfTotal"]
    return ItemFields(
        ItemType.BROWSER_TIMING,
        sent.id or "",
        sent.name or "",
        duration_us(sent.duration) if total_us is None else total_us,
        data=sent.url or "",
        measurements_json=json_text(sent.measurements),
        details_json=json_text({name: part / 1000 for name, part in durations_us.items() if part is not None}),
    )


def _availability(sent: Availability) -> ItemFields:
    return ItemFields(
        ItemType.AVAILABILITY_RESULT,
        sent.id or "",
        sent.name or "",
        duration_us(sent.duration),
        sent.success,
        message=sent.message or "",
        measurements_json=json_text(sent.measurements),
        details_json=json_text(_sent({"runLocation": sent.run_location, "size": sent.size})),
    )


def _sent(details: Mapping[str, str | float | None]) -> dict[str, str | float]:
    """Return the details without missing values."""
    return {name: value for name, value in details.items() if value is not None}


_READERS: dict[type[BaseData], Callable[[Any], ItemFields]] = {
    Request: _request,
    Dependency: _dependency,
    Message: _message,
    ExceptionData: _exception,
    Event: _event,
    PageView: _page_view,
    PageViewPerformance: _page_view_performance,
    Availability: _availability,
}
require_entries("_READERS", [*_READERS, Metric], get_args(BaseData))
