"""The envelopes of Application Insights, and those of log records and events: pure functions.

The fields and their greatest lengths are those of the Bond schemas in microsoft/ApplicationInsights-Home
(EndpointSpecs/Schemas/Bond). Values are made text here, so that nothing later can fail for a value it cannot write.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from telemetry._internal.envelopes.time_texts import utc_text
from telemetry._internal.errors import ErrorText, exception_details, text_without_values

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
    "telemetry_taken",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """What all envelopes of a process have in common."""

    tags: Mapping[str, str]
    sampling_rate: float = 1.0
    """From 0 to 1."""
    measured: bool = False
    """Whether requests, calls and exceptions are sent as metrics as well. They say so then, or they would count twice:
    Azure makes the same metrics of those that do not."""
    error_text: ErrorText = text_without_values


@dataclass(frozen=True, slots=True)
class OperationContext:
    """Where in which operation something happened; nowhere by default."""

    operation_id: str | None = None
    parent_id: str | None = None
    operation_name: str = ""


class Event(NamedTuple):
    """Something that the application's author gave a name."""

    name: str
    properties: Mapping[str, object]
    measurements: Mapping[str, float]


def log_envelope(record: logging.LogRecord, message: str, place: OperationContext, origin: Resource) -> Envelope:
    """The envelope of one log record: an exception when it carries one, else a message.

    Fields that the application gave the record by `extra` become properties, those in `custom_dimensions` (OpenCensus'
    way) as well.
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
        "severityLevel": min(max(0, record.levelno - 1) // 10, 4),
        "properties": properties_of(properties),
    }
    time_ns = int(record.created * 1_000_000) * 1000
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        data["message"] = text_of(message, MESSAGE_LIMIT)
        return envelope("MessageData", utc_text(time_ns), tags_at(place, origin), data, origin)
    data["properties"]["message"] = text_of(message, VALUE_LIMIT)
    mark_pre_aggregated(data, "Exceptions", origin)
    data["exceptions"] = checked_details(exception_details(error, origin.error_text), {})
    return envelope("ExceptionData", utc_text(time_ns), tags_at(place, origin), data, origin)


def event_envelope(event: Event, time_ns: int, place: OperationContext, origin: Resource) -> Envelope:
    """The envelope of one custom event; measurements that JSON has no number for are left out."""
    data: Envelope = {
        "ver": 2,
        "name": text_of(event.name, _EVENT_NAME_LIMIT),
        "properties": properties_of(event.properties),
        "measurements": {
            text_of(key, _KEY_LIMIT): float(value) for key, value in event.measurements.items() if math.isfinite(value)
        },
    }
    return envelope("EventData", utc_text(time_ns), tags_at(place, origin), data, origin)


def envelope(base_type: str, time: str, tags: Mapping[str, str], data: Envelope, origin: Resource) -> Envelope:
    """The envelope around the data. What belongs to no operation is not sampled, and stands for itself."""
    return {
        "name": f"Microsoft.ApplicationInsights.{_ENVELOPE_NAMES[base_type]}",
        "time": time,
        "sampleRate": (origin.sampling_rate or 1.0) * 100 if "ai.operation.id" in tags else 100.0,
        "tags": tags,
        "data": {"baseType": base_type, "baseData": data},
    }


def tags_at(place: OperationContext, origin: Resource) -> dict[str, str]:
    """The tags of an item at a place."""
    tags = dict(origin.tags)
    if place.operation_id:
        tags["ai.operation.id"] = place.operation_id
    if place.parent_id:
        tags["ai.operation.parentId"] = place.parent_id
    if place.operation_name:
        tags["ai.operation.name"] = text_of(place.operation_name, NAME_LIMIT)
    return tags


def mark_pre_aggregated(data: Envelope, extractor: str, origin: Resource) -> None:
    """Note in an item's properties that it is part of a metric already."""
    if origin.measured:
        data["properties"][_PROCESSED] = f"(Name:'{extractor}', Ver:'1.1')"


def checked_details(details: object, attributes: Mapping[str, Any]) -> list[Envelope]:
    """Exception details; a stack trace in another form, as other integrations leave it, becomes text."""
    if isinstance(details, list) and all(isinstance(entry, dict) and "typeName" in entry for entry in details):
        return [{**entry, "message": text_of(entry["message"], MESSAGE_LIMIT)} for entry in details]
    return [
        {
            "id": 1,
            "outerId": 0,
            "typeName": text_of(attributes.get("error.name", "Exception"), NAME_LIMIT),
            "message": text_of(attributes.get("error.message", "Exception"), MESSAGE_LIMIT),
            "hasFullStack": True,
            "stack": text_of(details, MESSAGE_LIMIT),
        }
    ]


def properties_of(values: Mapping[str, object]) -> dict[str, str]:
    """Custom dimensions: names and values as text, within their limits."""
    return {text_of(name, _KEY_LIMIT): text_of(value, VALUE_LIMIT) for name, value in values.items()}


def text_of(value: object, limit: int) -> str:
    """The value as text that JSON and UTF-8 can carry, cut to the limit."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = text[:limit]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
