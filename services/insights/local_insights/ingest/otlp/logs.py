"""Converts log records to messages, exceptions, custom events, availability results and page views.

Reference:
    `logs/_exporter.py` in azure-monitor-opentelemetry-exporter; `utils/logUtils.ts` in
    @azure/monitor-opentelemetry-exporter.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from local_insights.ingest.otlp.attributes import (
    LOCATION,
    MEASUREMENTS,
    Attributes,
    as_text,
    attributes_of,
    exception_details,
    first_text,
    measurements_of,
    properties_of,
    value_of,
)
from local_insights.ingest.otlp.envelope_builder import EnvelopeBuilder, EnvelopeFields, envelope_builder

if TYPE_CHECKING:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

_EVENT_NAME = "microsoft.custom_event.name"
_EVENT_MARKER = "APPLICATION_INSIGHTS_EVENT_MARKER_ATTRIBUTE"
_AVAILABILITY = "microsoft.availability."
_AVAILABILITY_FIELDS = ("id", "name", "duration", "success", "runLocation", "message")
_AVAILABILITY_REQUIRED = ("id", "name", "duration", "success")
_BASE_TYPE = "_MS.baseType"
_CLASSIC_TYPES = frozenset({"AvailabilityData", "EventData", "ExceptionData", "MessageData", "PageViewData"})
"""Types of data that the body of a record may contain: the classic API of JavaScript sends them by OpenTelemetry."""
_MAPPED = frozenset(
    {
        "exception.type", "exception.message", "exception.stacktrace", "exception.escaped", "enduser.id",
        "enduser.pseudo.id", "session.id", _EVENT_NAME, _EVENT_MARKER, _BASE_TYPE, MEASUREMENTS,
        *(f"{_AVAILABILITY}{field}" for field in _AVAILABILITY_FIELDS),
    }
)  # fmt: skip
_INFORMATION = 9
"""The first severity number above DEBUG in OpenTelemetry. Each level has four numbers."""
_NO_MESSAGE = "n/a"


def log_envelopes(request: "ExportLogsServiceRequest", key: str) -> Iterator[EnvelopeFields]:
    """Yield the envelopes of all log records."""
    for group in request.resource_logs:
        builder = envelope_builder(group.resource, key)
        for scope in group.scope_logs:
            for record in scope.log_records:
                yield _log(record, scope.scope.name, builder)


def severity_level(number: int) -> int:
    """Convert a severity number of OpenTelemetry (1 to 24) to a severity level (0 to 4)."""
    return 0 if number < _INFORMATION else min((number - 1) // 4 - 1, 4)


def _log(record: "LogRecord", logger: str, builder: EnvelopeBuilder) -> EnvelopeFields:
    attributes = attributes_of(record.attributes)
    body = value_of(record.body)
    properties = properties_of(attributes, _MAPPED.__contains__)
    if logger:
        properties.setdefault("logger_name", logger)
    base_data: EnvelopeFields = {"properties": properties, "measurements": measurements_of(attributes)}
    base_type = first_text(attributes, _BASE_TYPE)
    if base_type in _CLASSIC_TYPES and isinstance(body, dict):
        fields = {name: value for name, value in body.items() if name != "properties"}
    else:
        base_type, fields = _fields(record, attributes, as_text(body).strip())
    tags = {
        "ai.operation.id": record.trace_id.hex(),
        "ai.operation.parentId": record.span_id.hex(),
        "ai.operation.name": first_text(attributes, "ai.operation.name"),
        "ai.location.ip": first_text(attributes, *LOCATION),
    }
    time_ns = record.time_unix_nano or record.observed_time_unix_nano
    return builder.build(base_type, base_data | fields, time_ns, attributes, tags)


def _fields(record: "LogRecord", attributes: Attributes, message: str) -> tuple[str, EnvelopeFields]:
    """Return the type of a record's data and the fields of that type."""
    level = severity_level(record.severity_number)
    if first_text(attributes, "exception.type", "exception.message"):
        return "ExceptionData", {"severityLevel": level, "exceptions": [exception_details(attributes, message)]}
    if name := first_text(attributes, _EVENT_NAME) or (message if first_text(attributes, _EVENT_MARKER) else ""):
        return "EventData", {"name": name}
    test = {field: first_text(attributes, f"{_AVAILABILITY}{field}") for field in _AVAILABILITY_FIELDS}
    if all(test[field] for field in _AVAILABILITY_REQUIRED):
        return "AvailabilityData", {**test, "message": test["message"] or message}
    return "MessageData", {"severityLevel": level, "message": message or record.event_name or _NO_MESSAGE}
