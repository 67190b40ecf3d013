"""From spans to the envelopes of Application Insights: pure functions."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from opencensus.trace.span import SpanKind
from opencensus.trace.span_data import SpanData

from telemetry._internal.envelopes.envelopes import (
    NAME_LIMIT,
    URL_LIMIT,
    VALUE_LIMIT,
    Envelope,
    Resource,
    checked_details,
    envelope,
    mark_pre_aggregated,
    properties_of,
    text_of,
)
from telemetry._internal.envelopes.time_texts import duration_text
from telemetry._internal.envelopes.urls import path_template, public_url
from telemetry._internal.tracing.outcome import outcome
from telemetry._internal.tracing.span_context import operation_name

_WITH_FIELDS_OF_THEIR_OWN = {"component", "db.query.text", "db.target", "error.code", "stacktrace"}


def span_envelopes(span: SpanData, origin: Resource) -> Iterator[Envelope]:
    """The envelopes of one span: a request or a dependency, and before it the exception that ended a request."""
    attributes = span.attributes
    tags = {**origin.tags, "ai.operation.id": span.context.trace_id}
    if span.span_kind != SpanKind.SERVER:
        if span.parent_span_id:
            tags["ai.operation.parentId"] = span.parent_span_id
        if named := operation_name(span.context):
            tags["ai.operation.name"] = text_of(named, NAME_LIMIT)
        yield envelope("RemoteDependencyData", span.start_time, tags, _dependency(span, origin), origin)
        return
    name = text_of(_server_name(span), NAME_LIMIT)
    tags["ai.operation.name"] = name
    if "stacktrace" in attributes:
        exceptions = checked_details(attributes["stacktrace"], attributes)
        details: Envelope = {"ver": 2, "exceptions": exceptions, "properties": {}}
        mark_pre_aggregated(details, "Exceptions", origin)
        parent = {"ai.operation.parentId": span.span_id}
        yield envelope("ExceptionData", span.end_time, {**tags, **parent}, details, origin)
    if span.parent_span_id:
        tags["ai.operation.parentId"] = span.parent_span_id
    yield envelope("RequestData", span.start_time, tags, _request(span, name, origin), origin)


def _server_name(span: SpanData) -> str:
    method, route = span.attributes.get("http.method"), span.attributes.get("http.route")
    return f"{method} {route}" if method and route else str(span.name)


def _request(span: SpanData, name: str, origin: Resource) -> Envelope:
    attributes = span.attributes
    code, success = outcome(span)
    request = {
        "ver": 2,
        "id": span.span_id,
        "name": name,
        "duration": _duration(span),
        "responseCode": code,
        "success": success,
        "properties": _properties(attributes),
    }
    mark_pre_aggregated(request, "Requests", origin)
    if "http.url" in attributes:
        request["url"] = text_of(attributes["http.url"], URL_LIMIT)
    return request


def _dependency(span: SpanData, origin: Resource) -> Envelope:
    attributes = span.attributes
    code, success = outcome(span)
    leaves = span.span_kind == SpanKind.CLIENT
    dependency: Envelope = {
        "ver": 2,
        "id": span.span_id,
        "name": text_of(span.name, NAME_LIMIT),
        "duration": _duration(span),
        "resultCode": text_of(code, NAME_LIMIT),
        "success": success,
        "type": text_of(attributes.get("component", ""), NAME_LIMIT) if leaves else "INPROC",
        "properties": _properties(attributes),
    }
    if leaves:
        mark_pre_aggregated(dependency, "Dependencies", origin)
    if "http.url" in attributes:
        url = public_url(attributes["http.url"])
        address = urlsplit(url)
        dependency["name"] = text_of(f"{attributes.get('http.method', '')} {path_template(address.path)}", NAME_LIMIT)
        dependency["data"] = text_of(url, VALUE_LIMIT)
        dependency["target"] = text_of(address.netloc, NAME_LIMIT)
    elif "db.query.text" in attributes:
        dependency["data"] = text_of(attributes["db.query.text"], VALUE_LIMIT)
    if "db.target" in attributes:
        dependency["target"] = text_of(attributes["db.target"], NAME_LIMIT)
    return dependency


def _duration(span: SpanData) -> str:
    elapsed = datetime.fromisoformat(span.end_time) - datetime.fromisoformat(span.start_time)
    return duration_text((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds)


def _properties(attributes: Mapping[str, Any]) -> dict[str, str]:
    """What has no field of its own."""
    return properties_of(
        {
            name: value
            for name, value in attributes.items()
            if not str(name).startswith("http.") and name not in _WITH_FIELDS_OF_THEIR_OWN
        }
    )
