"""Converts spans to requests and dependencies, and their events to exceptions and messages.

Reference:
    `trace/_exporter.py` in azure-monitor-opentelemetry-exporter.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from local_insights.ingest.otlp.attributes import (
    LOCATION,
    MEASUREMENTS,
    Attributes,
    attributes_of,
    exception_details,
    first_text,
    measurements_of,
    properties_of,
)
from local_insights.ingest.otlp.envelope_builder import SAMPLE_RATES, EnvelopeBuilder, EnvelopeFields, envelope_builder
from local_insights.ingest.otlp.span_fields import dependency_fields, request_fields

if TYPE_CHECKING:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

_SERVER, _CONSUMER = 2, 5
_ERROR = 2
_MAPPED_PREFIXES = (
    "http.", "db.", "message.", "messaging.", "rpc.", "enduser.", "net.", "peer.", "exception.", "thread.", "code.",
)  # fmt: skip
_MAPPED = frozenset(
    {
        "client.address", "client.port", "server.address", "server.port", "url.full", "url.path", "url.query",
        "url.scheme", "url.template", "error.type", "network.local.address", "network.local.port",
        "network.protocol.name", "network.peer.address", "network.peer.port", "network.protocol.version",
        "network.transport", "user_agent.original", "user_agent.synthetic.type", "session.id", *SAMPLE_RATES,
        MEASUREMENTS,
    }
)  # fmt: skip
_MAX_LINKS = 100
"""The number of links that fit into a property."""


def span_envelopes(request: "ExportTraceServiceRequest", key: str) -> Iterator[EnvelopeFields]:
    """Yield the envelopes of all spans, each followed by those of its events."""
    for group in request.resource_spans:
        builder = envelope_builder(group.resource, key)
        for scope in group.scope_spans:
            for span in scope.spans:
                attributes = attributes_of(span.attributes)
                yield _span(span, attributes, builder)
                yield from _events(span, attributes, builder)


def _span(span: "Span", attributes: Attributes, builder: EnvelopeBuilder) -> EnvelopeFields:
    properties = properties_of(attributes, _is_mapped)
    if span.links:
        links = [{"operation_Id": link.trace_id.hex(), "id": link.span_id.hex()} for link in span.links[:_MAX_LINKS]]
        properties["_MS.links"] = json.dumps(links)
    base_data: EnvelopeFields = {
        "id": span.span_id.hex(),
        "name": span.name,
        "duration": max(span.end_time_unix_nano - span.start_time_unix_nano, 0) / 1e6,
        "success": span.status.code != _ERROR,
        "properties": properties,
        "measurements": measurements_of(attributes),
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
        "ai.user.userAgent": first_text(attributes, "user_agent.original", "http.user_agent"),
    }
    if base_type == "RequestData":
        tags["ai.location.ip"] = first_text(attributes, *LOCATION)
    return builder.build(base_type, base_data, span.start_time_unix_nano, attributes, tags)


def _events(span: "Span", span_attributes: Attributes, builder: EnvelopeBuilder) -> Iterator[EnvelopeFields]:
    """Yield an exception or a message for each event. Session and sampling rate are the span's."""
    tags = {"ai.operation.id": span.trace_id.hex(), "ai.operation.parentId": span.span_id.hex()}
    for event in span.events:
        own = attributes_of(event.attributes)
        attributes = {name: span_attributes.get(name) for name in ("session.id", *SAMPLE_RATES)} | own
        base_data: EnvelopeFields = {
            "properties": properties_of(own, _is_mapped),
            "measurements": measurements_of(own),
        }
        if event.name == "exception":
            base_type = "ExceptionData"
            base_data["exceptions"] = [exception_details(own, "")]
        else:
            base_type = "MessageData"
            base_data["message"] = event.name
        yield builder.build(base_type, base_data, event.time_unix_nano, attributes, tags)


def _is_mapped(name: str) -> bool:
    """Return whether an attribute is mapped to a field of the envelope, and so is not a property."""
    return name in _MAPPED or name.startswith(_MAPPED_PREFIXES)
