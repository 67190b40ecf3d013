"""Spans and their events: requests, dependencies, exceptions, messages.

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
from local_insights.ingest.otlp.envelope_builder import SAMPLE_RATES, Document, Sender, sender_of
from local_insights.ingest.otlp.span_fields import called, served

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
_MOST_LINKS = 100
"""So many fit into a property."""


def span_envelopes(request: "ExportTraceServiceRequest", key: str) -> Iterator[Document]:
    """Envelopes of all spans, each followed by those of its events."""
    for group in request.resource_spans:
        sender = sender_of(group.resource, key)
        for scope in group.scope_spans:
            for span in scope.spans:
                attributes = attributes_of(span.attributes)
                yield _span(span, attributes, sender)
                yield from _events(span, attributes, sender)


def _span(span: "Span", attributes: Attributes, sender: Sender) -> Document:
    properties = properties_of(attributes, _is_mapped)
    if span.links:
        links = [{"operation_Id": link.trace_id.hex(), "id": link.span_id.hex()} for link in span.links[:_MOST_LINKS]]
        properties["_MS.links"] = json.dumps(links)
    base_data: Document = {
        "id": span.span_id.hex(),
        "name": span.name,
        "duration": max(span.end_time_unix_nano - span.start_time_unix_nano, 0) / 1e6,
        "success": span.status.code != _ERROR,
        "properties": properties,
        "measurements": measurements_of(attributes),
    }
    if span.kind in {_SERVER, _CONSUMER}:
        base_type = "RequestData"
        request = served(attributes)
        base_data |= {"responseCode": request.code, "url": request.url, "source": request.source}
        base_data["success"] = base_data["success"] and request.success
        base_data["name"] = request.name or span.name
    else:
        base_type = "RemoteDependencyData"
        call = called(attributes, span.kind)
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
    return sender.envelope(base_type, base_data, span.start_time_unix_nano, attributes, tags)


def _events(span: "Span", span_attributes: Attributes, sender: Sender) -> Iterator[Document]:
    """Exceptions that happened during a span, and messages for all else. Session and sampling are the span's."""
    tags = {"ai.operation.id": span.trace_id.hex(), "ai.operation.parentId": span.span_id.hex()}
    for event in span.events:
        own = attributes_of(event.attributes)
        attributes = {name: span_attributes.get(name) for name in ("session.id", *SAMPLE_RATES)} | own
        base_data: Document = {
            "properties": properties_of(own, _is_mapped),
            "measurements": measurements_of(own),
        }
        if event.name == "exception":
            base_type = "ExceptionData"
            base_data["exceptions"] = [exception_details(own, "")]
        else:
            base_type = "MessageData"
            base_data["message"] = event.name
        yield sender.envelope(base_type, base_data, event.time_unix_nano, attributes, tags)


def _is_mapped(name: str) -> bool:
    return name in _MAPPED or name.startswith(_MAPPED_PREFIXES)
