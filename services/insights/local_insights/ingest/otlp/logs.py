"""Converts log records to messages, exceptions, custom events, availability results and page views.

Reference:
    `logs/_exporter.py` in azure-monitor-opentelemetry-exporter; `utils/logUtils.ts` in
    @azure/monitor-opentelemetry-exporter.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from local_insights.ingest.envelope import field_names
from local_insights.ingest.otlp.attributes import (
    LOCATION,
    Attributes,
    as_text,
    attributes_of,
    exception_details,
    first_text,
    value_of,
)
from local_insights.ingest.otlp.envelope_builder import (
    USER_ATTRIBUTES,
    EnvelopeBuilder,
    EnvelopeFields,
    OtlpItem,
    envelope_builder,
)
from local_insights.ingest.otlp.properties import Properties, field_values

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
_MAPPED = USER_ATTRIBUTES | {
    "exception.type", "exception.message", "exception.stacktrace", _EVENT_NAME, _BASE_TYPE,
    *(f"{_AVAILABILITY}{field}" for field in _AVAILABILITY_FIELDS),
}  # fmt: skip
_INFORMATION = 9
"""The first severity number above DEBUG in OpenTelemetry. Each level has four numbers."""
_FIRST_OF_LEVEL = frozenset({0, 9, 13, 17, 21})
"""Severity numbers that a level states exactly; 0 is a record without one."""
_NO_MESSAGE = "n/a"
_LOGGER = "logger_name"
"""The property with the name of the scope, as in Azure's exporter."""


def log_envelopes(request: "ExportLogsServiceRequest", key: str) -> Iterator[EnvelopeFields]:
    """Yield the envelopes of all log records."""
    for group in request.resource_logs:
        of_resource = envelope_builder(group.resource, group.schema_url, key)
        for scope in group.scope_logs:
            builder = of_resource.of_scope(scope.scope, scope.schema_url, _LOGGER)
            for record in scope.log_records:
                yield _log(record, builder)


def severity_level(number: int) -> int:
    """Convert a severity number of OpenTelemetry (1 to 24) to a severity level (0 to 4)."""
    return 0 if number < _INFORMATION else min((number - 1) // 4 - 1, 4)


def _log(record: "LogRecord", builder: EnvelopeBuilder) -> EnvelopeFields:
    attributes = attributes_of(record.attributes)
    body = value_of(record.body)
    properties = Properties()
    base_type = first_text(attributes, _BASE_TYPE)
    if base_type in _CLASSIC_TYPES and isinstance(body, dict):
        base_data = _classic(base_type, body, properties)
    else:
        base_type, base_data = _fields(record, attributes, as_text(body).strip())
        if (text := as_text(body).strip()) and text not in field_values(base_data):
            properties.add("body", text)
    if base_type == "EventData" and attributes.get(_EVENT_MARKER) is True:
        del attributes[_EVENT_MARKER]  # the type of the item states it
    has_level = base_data.get("severityLevel") is not None and record.severity_number in _FIRST_OF_LEVEL
    observed_ns = record.observed_time_unix_nano
    properties.add_set(
        {
            "event.name": record.event_name if record.event_name != base_data.get("message") else "",
            "severity_text": record.severity_text,
            "severity_number": 0 if has_level else record.severity_number,
            "observed_time_unix_nano": 0 if observed_ns == record.time_unix_nano else observed_ns,
            "otel.trace_flags": record.flags,
            "otel.dropped_attributes_count": record.dropped_attributes_count,
        }
    )
    tags = {
        "ai.operation.id": record.trace_id.hex(),
        "ai.operation.parentId": record.span_id.hex(),
        "ai.operation.name": first_text(attributes, "ai.operation.name"),
        "ai.location.ip": first_text(attributes, *LOCATION),
    }
    time_ns = record.time_unix_nano or observed_ns
    return builder.build(OtlpItem(base_type, base_data, time_ns, attributes, properties, tags, _MAPPED))


def _classic(base_type: str, body: Mapping[str, object], properties: Properties) -> EnvelopeFields:
    """Return the data that a body contains. What is not a field of their type becomes a property."""
    own = body.get("properties")
    properties.add_all(own if isinstance(own, dict) else {"properties": own} if own is not None else {})
    known = field_names(base_type)
    properties.add_all({name: value for name, value in body.items() if name not in {*known, "properties", "ver"}})
    return {name: value for name, value in body.items() if name in known and name != "properties"}


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
