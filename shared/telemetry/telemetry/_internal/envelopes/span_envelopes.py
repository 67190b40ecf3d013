"""Conversion of spans to envelopes of Application Insights. All functions are pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from opencensus.trace.span import SpanKind
from opencensus.trace.span_data import SpanData

from telemetry._internal.envelopes.envelopes import (
    NAME_LIMIT,
    URL_LIMIT,
    VALUE_LIMIT,
    Envelope,
    Resource,
    envelope,
    limited_details,
    mark_pre_aggregated,
    to_properties,
    to_text,
)
from telemetry._internal.formatting import duration_text, path_template, public_url, safe_text, split_url
from telemetry._internal.tracing.outcome import outcome
from telemetry._internal.tracing.span_context import operation_name

_ATTRIBUTES_WITH_FIELDS = {"component", "db.query.text", "db.target", "error.code", "stacktrace"}


def span_envelopes(span: SpanData, resource: Resource) -> Iterator[Envelope]:
    """Yield the envelopes of a span: a request or a dependency, preceded by the exception that ended a request.

    A span of kind SERVER is a request, one of kind CLIENT a dependency, any other a dependency of type INPROC. The
    attributes `component`, `db.target` and `db.query.text` are the type, target and data of a dependency; for HTTP
    calls target and data come from `http.url`. Other attributes become properties.
    """
    attributes = span.attributes
    tags = {**resource.tags, "ai.operation.id": span.context.trace_id}
    if span.span_kind != SpanKind.SERVER:
        if span.parent_span_id:
            tags["ai.operation.parentId"] = span.parent_span_id
        if named := operation_name(span.context):
            tags["ai.operation.name"] = to_text(named, NAME_LIMIT)
        yield envelope("RemoteDependencyData", span.start_time, tags, _dependency(span, resource), resource)
        return
    name = to_text(_server_name(span), NAME_LIMIT)
    tags["ai.operation.name"] = name
    if "stacktrace" in attributes:
        exceptions = limited_details(attributes["stacktrace"], attributes)
        details: Envelope = {"ver": 2, "exceptions": exceptions, "properties": {}}
        mark_pre_aggregated(details, "Exceptions", resource)
        parent = {"ai.operation.parentId": span.span_id}
        yield envelope("ExceptionData", span.end_time, {**tags, **parent}, details, resource)
    if span.parent_span_id:
        tags["ai.operation.parentId"] = span.parent_span_id
    yield envelope("RequestData", span.start_time, tags, _request(span, name, resource), resource)


def _server_name(span: SpanData) -> str:
    method, route = span.attributes.get("http.method"), span.attributes.get("http.route")
    return f"{safe_text(method)} {safe_text(route)}" if method and route else safe_text(span.name)


def _request(span: SpanData, name: str, resource: Resource) -> Envelope:
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
    mark_pre_aggregated(request, "Requests", resource)
    if "http.url" in attributes:
        request["url"] = to_text(attributes["http.url"], URL_LIMIT)
    return request


def _dependency(span: SpanData, resource: Resource) -> Envelope:
    attributes = span.attributes
    code, success = outcome(span)
    is_remote = span.span_kind == SpanKind.CLIENT
    dependency: Envelope = {
        "ver": 2,
        "id": span.span_id,
        "name": to_text(span.name, NAME_LIMIT),
        "duration": _duration(span),
        "resultCode": to_text(code, NAME_LIMIT),
        "success": success,
        "type": to_text(attributes.get("component", ""), NAME_LIMIT) if is_remote else "INPROC",
        "properties": _properties(attributes),
    }
    if is_remote:
        mark_pre_aggregated(dependency, "Dependencies", resource)
    if "http.url" in attributes:
        url = public_url(attributes["http.url"])
        address = split_url(url)
        dependency["name"] = to_text(
            f"{safe_text(attributes.get('http.method', ''))} {path_template(address.path)}", NAME_LIMIT
        )
        dependency["data"] = to_text(url, VALUE_LIMIT)
        dependency["target"] = to_text(address.netloc, NAME_LIMIT)
    elif "db.query.text" in attributes:
        dependency["data"] = to_text(attributes["db.query.text"], VALUE_LIMIT)
    if "db.target" in attributes:
        dependency["target"] = to_text(attributes["db.target"], NAME_LIMIT)
    return dependency


def _duration(span: SpanData) -> str:
    elapsed = datetime.fromisoformat(span.end_time) - datetime.fromisoformat(span.start_time)
    return duration_text((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds)


def _properties(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that have no field of their own."""
    return to_properties(
        {
            name: value
            for name, value in attributes.items()
            if not safe_text(name).startswith("http.") and name not in _ATTRIBUTES_WITH_FIELDS
        }
    )
