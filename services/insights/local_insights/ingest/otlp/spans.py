"""Converts spans to requests and dependencies, and their events to exceptions and messages.

Reference:
    `trace/_exporter.py` in azure-monitor-opentelemetry-exporter. It drops what Application Insights has no field for;
    here that becomes a property.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from local_insights.ingest.otlp.attributes import LOCATION, Attributes, attributes_of, exception_details, first_text
from local_insights.ingest.otlp.conventions import SPAN_ATTRIBUTES, USER_AGENT
from local_insights.ingest.otlp.envelope_builder import (
    SAMPLE_RATES,
    USER_ATTRIBUTES,
    EnvelopeBuilder,
    EnvelopeFields,
    OtlpItem,
    envelope_builder,
)
from local_insights.ingest.otlp.properties import DROPPED_ATTRIBUTES, Properties
from local_insights.ingest.otlp.span_fields import dependency_fields, request_fields

if TYPE_CHECKING:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

_SERVER, _CONSUMER = 2, 5
_KINDS = {1: "internal", 4: "producer", _CONSUMER: "consumer"}
"""Span kinds that the type of the item does not state: by default, a server has requests, a client dependencies."""
_OK, _ERROR = 1, 2
_MAPPED = USER_ATTRIBUTES | SPAN_ATTRIBUTES
_EXCEPTION = USER_ATTRIBUTES | {"exception.type", "exception.message", "exception.stacktrace"}
_LINKS_PER_PROPERTY = 100
"""The number of links that fit into a property."""


def span_envelopes(request: "ExportTraceServiceRequest", key: str) -> Iterator[EnvelopeFields]:
    """Yield the envelopes of all spans, each followed by those of its events."""
    for group in request.resource_spans:
        of_resource = envelope_builder(group.resource, group.schema_url, key)
        for scope in group.scope_spans:
            builder = of_resource.of_scope(scope.scope, scope.schema_url)
            for span in scope.spans:
                attributes = attributes_of(span.attributes)
                yield _span(span, attributes, builder)
                if span.events:
                    yield from _events(span, attributes, builder)


def _span(span: "Span", attributes: Attributes, builder: EnvelopeBuilder) -> EnvelopeFields:
    start_ns = _start_ns(span)
    base_data: EnvelopeFields = {
        "id": span.span_id.hex(),
        "name": span.name,
        "duration": max(span.end_time_unix_nano - start_ns, 0) / 1e6,
        "success": span.status.code != _ERROR,
    }
    if span.kind in {_SERVER, _CONSUMER}:
        base_type = "RequestData"
        request = request_fields(attributes)
        base_data |= {"responseCode": request.code, "url": request.url, "source": request.source}
        base_data["success"] = base_data["success"] and request.success
        base_data["name"] = request.name or span.name
    else:
        base_type = "RemoteDependencyData"
        call = dependency_fields(attributes, span.kind)
        base_data |= {"resultCode": call.code, "data": call.data, "type": call.type, "target": call.target}
        base_data["name"] = call.name or span.name
    tags = {
        "ai.operation.id": span.trace_id.hex(),
        "ai.operation.parentId": span.parent_span_id.hex(),
        "ai.operation.name": base_data["name"],
        "ai.user.userAgent": first_text(attributes, *USER_AGENT),
    }
    if base_type == "RequestData":
        tags["ai.location.ip"] = first_text(attributes, *LOCATION)
    properties = _properties(span, base_data["name"])
    return builder.build(OtlpItem(base_type, base_data, start_ns, attributes, properties, tags, _MAPPED))


def _start_ns(span: "Span") -> int:
    """Return the start of a span, or its end if it has no start: its duration is then 0, not the time since 1970."""
    return span.start_time_unix_nano or span.end_time_unix_nano


def _properties(span: "Span", name: str) -> Properties:
    """Return the fields of a span that requests and dependencies do not have, the message of its status first."""
    properties = Properties()
    fields = {
        "otel.status_description": span.status.message,
        "otel.status_code": "OK" if span.status.code == _OK else "",
        "span.name": span.name if span.name != name else "",
        "span.kind": _KINDS.get(span.kind),
        "w3c.tracestate": span.trace_state,
        "otel.trace_flags": span.flags,
        "otel.dropped_attributes_count": span.dropped_attributes_count,
        "otel.dropped_events_count": span.dropped_events_count,
        "otel.dropped_links_count": span.dropped_links_count,
    }
    properties.add_set(fields)
    for begin in range(0, len(span.links), _LINKS_PER_PROPERTY):
        links = span.links[begin : begin + _LINKS_PER_PROPERTY]
        ids = [{"operation_Id": link.trace_id.hex(), "id": link.span_id.hex()} for link in links]
        properties.add("_MS.links", json.dumps(ids))
        for number, link in enumerate(links, begin + 1):
            fields = {
                "tracestate": link.trace_state,
                "trace_flags": link.flags,
                DROPPED_ATTRIBUTES: link.dropped_attributes_count,
            }
            properties.add_set(fields, f"link.{number}.")
            properties.add_all(attributes_of(link.attributes), f"link.{number}.")
    return properties


def _events(span: "Span", span_attributes: Attributes, builder: EnvelopeBuilder) -> Iterator[EnvelopeFields]:
    """Yield an exception or a message for each event. Session and sampling rate are the span's."""
    tags = {"ai.operation.id": span.trace_id.hex(), "ai.operation.parentId": span.span_id.hex()}
    inherited = {name: span_attributes.get(name) for name in ("session.id", *SAMPLE_RATES)}
    for event in span.events:
        attributes = attributes_of(event.attributes)
        properties = Properties()
        properties.add_set({f"otel.{DROPPED_ATTRIBUTES}": event.dropped_attributes_count})
        base_data: EnvelopeFields = {"message": event.name}
        base_type, mapped = "MessageData", USER_ATTRIBUTES
        if event.name == "exception":
            base_data = {"exceptions": [exception_details(attributes, "")]}
            base_type, mapped = "ExceptionData", _EXCEPTION
        item = OtlpItem(
            base_type,
            base_data,
            event.time_unix_nano or _start_ns(span),
            attributes,
            properties,
            tags,
            mapped,
            inherited,
        )
        yield builder.build(item)
