"""Envelopes of Application Insights for log records and events, and the parts that all envelopes share.

All functions are pure. Fields and length limits are those of the Bond schemas in microsoft/ApplicationInsights-Home
(EndpointSpecs/Schemas/Bond). Values are converted to text here, so that serialization cannot fail later.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from telemetry._internal.errors import ErrorText, exception_details, text_without_values
from telemetry._internal.formatting import property_text, safe_text, utc_text

Envelope = dict[str, Any]

NAME_LIMIT = 1024
URL_LIMIT = 2048
VALUE_LIMIT = 8192
MESSAGE_LIMIT = 32768
_KEY_LIMIT = 150
_EVENT_NAME_LIMIT = 512

_ENVELOPE_NAMES = {
    "RequestData": "Request",
    "RemoteDependencyData": "RemoteDependency",
    "ExceptionData": "Exception",
    "MessageData": "Message",
    "EventData": "Event",
    "MetricData": "Metric",
}
_PROCESSED = "_MS.ProcessedByMetricExtractors"
_RECORD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",  # set by formatters
    "asctime",
    "taskName",  # since Python 3.12
    "custom_dimensions",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """The attributes that all envelopes of a process share."""

    tags: Mapping[str, str]
    sampling_rate: float = 1.0
    """From 0 to 1."""
    pre_aggregated: bool = False
    """True when requests, calls and exceptions are also sent as metrics. Their items are marked then: Azure computes
    the same metrics from unmarked items, so that they would count twice."""
    error_text: ErrorText = text_without_values


@dataclass(frozen=True, slots=True)
class OperationContext:
    """The operation and the parent span of an item; empty by default."""

    operation_id: str | None = None
    parent_id: str | None = None
    operation_name: str = ""


class Event(NamedTuple):
    """A custom event of the application."""

    name: str
    properties: Mapping[str, object]
    measurements: Mapping[str, float]


def log_envelope(
    record: logging.LogRecord,
    message: str,
    error: BaseException | None,
    context: OperationContext,
    resource: Resource,
) -> Envelope:
    """Return the envelope of a log record: an exception when it reports an error, otherwise a message.

    Fields that the application passed as `extra`, and those in `custom_dimensions` (the convention of OpenCensus),
    become properties.
    """
    properties = {
        "process": record.processName,
        "module": record.module,
        "fileName": record.pathname,
        "lineNumber": record.lineno,
        "level": record.levelname,
        "logger": record.name,
    }
    properties |= {name: value for name, value in vars(record).items() if name not in _RECORD_ATTRIBUTES}
    custom = getattr(record, "custom_dimensions", None)
    if isinstance(custom, dict):
        properties |= custom
    data: Envelope = {
        "ver": 2,
        "severityLevel": min(max(0, int(record.levelno) - 1) // 10, 4),
        "properties": to_properties(properties),
    }
    time_ns = int(record.created * 1_000_000) * 1000
    if error is None:
        data["message"] = to_text(message, MESSAGE_LIMIT)
        return envelope("MessageData", utc_text(time_ns), operation_tags(context, resource), data, resource)
    data["properties"]["message"] = to_text(message, VALUE_LIMIT)
    mark_pre_aggregated(data, "Exceptions", resource)
    data["exceptions"] = limited_details(exception_details(error, resource.error_text), {})
    return envelope("ExceptionData", utc_text(time_ns), operation_tags(context, resource), data, resource)


def record_exception(record: logging.LogRecord) -> BaseException | None:
    """Return the exception of a log record.

    Loggers store a tuple. A record that the application makes itself can have any `exc_info`: True, an exception.
    """
    parts = record.exc_info if isinstance(record.exc_info, tuple) else (record.exc_info,)
    return next((part for part in parts if isinstance(part, BaseException)), None)


def exception_envelope(error: BaseException, time_ns: int, context: OperationContext, resource: Resource) -> Envelope:
    """Return the envelope of an exception that belongs to neither a log record nor a span."""
    exceptions = limited_details(exception_details(error, resource.error_text), {})
    data: Envelope = {"ver": 2, "exceptions": exceptions, "properties": {}}
    mark_pre_aggregated(data, "Exceptions", resource)
    return envelope("ExceptionData", utc_text(time_ns), operation_tags(context, resource), data, resource)


def event_envelope(event: Event, time_ns: int, context: OperationContext, resource: Resource) -> Envelope:
    """Return the envelope of a custom event; measurements that are no finite number are dropped."""
    numbers = {to_text(key, _KEY_LIMIT): _finite(value) for key, value in event.measurements.items()}
    data: Envelope = {
        "ver": 2,
        "name": to_text(event.name, _EVENT_NAME_LIMIT),
        "properties": to_properties(event.properties),
        "measurements": {key: number for key, number in numbers.items() if number is not None},
    }
    return envelope("EventData", utc_text(time_ns), operation_tags(context, resource), data, resource)


def _finite(value: object) -> float | None:
    """Return a measurement as a number; None when it is no number, infinite or NaN, which JSON lacks."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001, code of the application can raise anything
        return None
    return number if math.isfinite(number) else None


def envelope(base_type: str, time: str, tags: Mapping[str, str], data: Envelope, resource: Resource) -> Envelope:
    """Wrap data in an envelope. The sampling rate is 100 % for an item outside operations, which is never sampled."""
    return {
        "name": f"Microsoft.ApplicationInsights.{_ENVELOPE_NAMES[base_type]}",
        "time": time,
        "sampleRate": (resource.sampling_rate or 1.0) * 100 if "ai.operation.id" in tags else 100.0,
        "tags": tags,
        "data": {"baseType": base_type, "baseData": data},
    }


def operation_tags(context: OperationContext, resource: Resource) -> dict[str, str]:
    """Return the tags of an item of this operation."""
    tags = dict(resource.tags)
    if context.operation_id:
        tags["ai.operation.id"] = context.operation_id
    if context.parent_id:
        tags["ai.operation.parentId"] = context.parent_id
    if context.operation_name:
        tags["ai.operation.name"] = to_text(context.operation_name, NAME_LIMIT)
    return tags


def mark_pre_aggregated(data: Envelope, extractor: str, resource: Resource) -> None:
    """Mark an item as part of a pre-aggregated metric, when the process sends metrics."""
    if resource.pre_aggregated:
        data["properties"][_PROCESSED] = f"(Name:'{extractor}', Ver:'1.1')"


def limited_details(details: object, attributes: Mapping[str, Any]) -> list[Envelope]:
    """Return exception details with limited messages; a stack trace that is no list of frames is converted to text.

    Other integrations of OpenCensus record a stack trace as text.
    """
    if isinstance(details, list) and all(isinstance(entry, dict) and "typeName" in entry for entry in details):
        return [{**entry, "message": to_text(entry["message"], MESSAGE_LIMIT)} for entry in details]
    return [
        {
            "id": 1,
            "outerId": 0,
            "typeName": to_text(attributes.get("error.name", "Exception"), NAME_LIMIT),
            "message": to_text(attributes.get("error.message", "Exception"), MESSAGE_LIMIT),
            "hasFullStack": True,
            "stack": to_text(details, MESSAGE_LIMIT),
        }
    ]


def to_properties(values: Mapping[str, object]) -> dict[str, str]:
    """Convert names and values to custom dimensions: texts within their length limits, containers as JSON."""
    return {to_text(name, _KEY_LIMIT): to_text(property_text(value), VALUE_LIMIT) for name, value in values.items()}


def to_text(value: object, limit: int) -> str:
    """Convert a value to text that UTF-8 can encode, with at most `limit` characters."""
    text = safe_text(value)[:limit]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
