"""From spans and log records to the envelopes of Application Insights: pure functions.

The fields and their greatest lengths are those of the Bond schemas in microsoft/ApplicationInsights-Home
(EndpointSpecs/Schemas/Bond). Values are made text here, so that nothing later can fail for a value it cannot write.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from opencensus.trace.span import SpanKind
from opencensus.trace.span_data import SpanData

from telemetry.errors import exception_details
from telemetry.tracing import utc_text
from telemetry.urls import path_template, public_url

_ENVELOPE_NAMES = {
    "RequestData": "Request",
    "RemoteDependencyData": "RemoteDependency",
    "ExceptionData": "Exception",
    "MessageData": "Message",
}
Envelope = dict[str, Any]

_NAME_LIMIT = 1024
_URL_LIMIT = 2048
_VALUE_LIMIT = 8192
_MESSAGE_LIMIT = 32768
_KEY_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Origin:
    """What all envelopes of a process have in common. `sampling_rate` runs from 0 to 1."""

    instrumentation_key: str
    tags: Mapping[str, str]
    sampling_rate: float


def duration_text(duration_us: int) -> str:
    """A duration in microseconds as `d.hh:mm:ss.ffffff`; never negative."""
    seconds, microseconds = divmod(max(duration_us, 0), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}.{hours:02d}:{minutes:02d}:{seconds:02d}.{microseconds:06d}"


def span_envelopes(span: SpanData, origin: Origin) -> Iterator[Envelope]:
    """The envelopes of one span: a request or a dependency, and before it the exception that ended a request."""
    attributes = span.attributes
    tags = {**origin.tags, "ai.operation.id": span.context.trace_id}
    if span.span_kind != SpanKind.SERVER:
        if span.parent_span_id:
            tags["ai.operation.parentId"] = span.parent_span_id
        yield _envelope("RemoteDependencyData", span.start_time, tags, _dependency(span), origin)
        return
    name = _text(_server_name(span), _NAME_LIMIT)
    tags["ai.operation.name"] = name
    if "stacktrace" in attributes:
        details = {"ver": 2, "exceptions": _checked_details(attributes["stacktrace"], span)}
        parent = {"ai.operation.parentId": span.span_id}
        yield _envelope("ExceptionData", span.end_time, {**tags, **parent}, details, origin)
    if span.parent_span_id:
        tags["ai.operation.parentId"] = span.parent_span_id
    yield _envelope("RequestData", span.start_time, tags, _request(span, name), origin)


def log_envelope(
    record: logging.LogRecord, message: str, operation_id: str | None, parent_id: str | None, origin: Origin
) -> Envelope:
    """The envelope of one log record: an exception when it carries one, else a message."""
    tags = dict(origin.tags)
    if operation_id:
        tags["ai.operation.id"] = operation_id
    if parent_id:
        tags["ai.operation.parentId"] = parent_id
    properties = {
        "process": record.processName,
        "module": record.module,
        "fileName": record.pathname,
        "lineNumber": record.lineno,
        "level": record.levelname,
        "logger": record.name,
    }
    custom = getattr(record, "custom_dimensions", None)
    if isinstance(custom, dict):
        properties |= custom
    data: Envelope = {
        "ver": 2,
        "severityLevel": min(max(0, record.levelno - 1) // 10, 4),
        "properties": _properties(properties),
    }
    time = utc_text(int(record.created * 1_000_000) * 1000)
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        data["message"] = _text(message, _MESSAGE_LIMIT)
        return _envelope("MessageData", time, tags, data, origin)
    data["properties"]["message"] = _text(message, _VALUE_LIMIT)
    data["exceptions"] = _checked_details(exception_details(error), None)
    return _envelope("ExceptionData", time, tags, data, origin)


def _envelope(base_type: str, time: str, tags: Mapping[str, str], data: Envelope, origin: Origin) -> Envelope:
    envelope: Envelope = {
        "name": f"Microsoft.ApplicationInsights.{_ENVELOPE_NAMES[base_type]}",
        "time": time,
        "iKey": origin.instrumentation_key,
        "tags": tags,
        "data": {"baseType": base_type, "baseData": data},
    }
    if 0 < origin.sampling_rate < 1 and "ai.operation.id" in tags:
        envelope["sampleRate"] = origin.sampling_rate * 100
    return envelope


def _server_name(span: SpanData) -> str:
    method, route = span.attributes.get("http.method"), span.attributes.get("http.route")
    return f"{method} {route}" if method and route else str(span.name)


def _request(span: SpanData, name: str) -> Envelope:
    attributes = span.attributes
    status = _status_code(attributes)
    failed = status >= 400 if status else span.status.code != 0  # noqa: PLR2004, HTTP's first error
    request = {
        "ver": 2,
        "id": span.span_id,
        "name": name,
        "duration": _duration(span),
        "responseCode": str(status or span.status.code),
        "success": not failed and "error.name" not in attributes,
        "properties": _properties(attributes),
    }
    if "http.url" in attributes:
        request["url"] = _text(attributes["http.url"], _URL_LIMIT)
    return request


def _dependency(span: SpanData) -> Envelope:
    attributes = span.attributes
    status = _status_code(attributes)
    failed = status >= 400 if status else span.status.code != 0  # noqa: PLR2004, HTTP's first error
    dependency: Envelope = {
        "ver": 2,
        "id": span.span_id,
        "name": _text(span.name, _NAME_LIMIT),
        "duration": _duration(span),
        "resultCode": _text(status or attributes.get("error.code") or span.status.code, _NAME_LIMIT),
        "success": not failed and "error.name" not in attributes,
        "type": _text(attributes.get("component", "") if span.span_kind == SpanKind.CLIENT else "INPROC", _NAME_LIMIT),
        "properties": _properties(attributes),
    }
    if "http.url" in attributes:
        url = public_url(attributes["http.url"])
        address = urlsplit(url)
        dependency["name"] = _text(f"{attributes.get('http.method', '')} {path_template(address.path)}", _NAME_LIMIT)
        dependency["data"] = _text(url, _VALUE_LIMIT)
        dependency["target"] = _text(address.netloc, _NAME_LIMIT)
    elif "mysql.query" in attributes:
        dependency["data"] = _text(attributes["mysql.query"], _VALUE_LIMIT)
    if "mysql.target" in attributes:
        dependency["target"] = _text(attributes["mysql.target"], _NAME_LIMIT)
    return dependency


def _duration(span: SpanData) -> str:
    elapsed = datetime.fromisoformat(span.end_time) - datetime.fromisoformat(span.start_time)
    return duration_text((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds)


def _status_code(attributes: Mapping[str, Any]) -> int:
    """The HTTP status code, which some integrations keep as text; 0 when there is none."""
    try:
        return int(attributes.get("http.status_code") or 0)
    except (TypeError, ValueError):
        return 0


def _properties(attributes: Mapping[str, Any]) -> dict[str, str]:
    """What has no field of its own."""
    return {
        _text(key, _KEY_LIMIT): _text(value, _VALUE_LIMIT)
        for key, value in attributes.items()
        if not str(key).startswith(("http.", "mysql.")) and key not in {"component", "stacktrace", "error.code"}
    }


def _checked_details(details: object, span: SpanData | None) -> list[Envelope]:
    """Exception details; a stack trace in another form, as other integrations leave it, becomes text."""
    if isinstance(details, list) and all(isinstance(entry, dict) and "typeName" in entry for entry in details):
        return [{**entry, "message": _text(entry["message"], _MESSAGE_LIMIT)} for entry in details]
    attributes = span.attributes if span else {}
    return [
        {
            "id": 1,
            "outerId": 0,
            "typeName": _text(attributes.get("error.name", "Exception"), _NAME_LIMIT),
            "message": _text(attributes.get("error.message", "Exception"), _MESSAGE_LIMIT),
            "hasFullStack": True,
            "stack": _text(details, _MESSAGE_LIMIT),
        }
    ]


def _text(value: object, limit: int) -> str:
    """The value as text that JSON and UTF-8 can carry, cut to the limit."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = text[:limit]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
