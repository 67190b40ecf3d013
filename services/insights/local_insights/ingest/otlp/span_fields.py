"""Maps the attributes of a span to the fields of a request or dependency.

Reference:
    `trace/_exporter.py` in azure-monitor-opentelemetry-exporter.
"""

from typing import NamedTuple

from local_insights.ingest.otlp import conventions
from local_insights.ingest.otlp.attributes import Attributes, first_text

CLIENT, PRODUCER = 3, 4
"""The span kinds of outgoing calls. Spans of other kinds are requests, or internal to the process."""


class RequestFields(NamedTuple):
    """Fields of a request, from the attributes. An empty name is replaced by the span's name."""

    name: str = ""
    code: str = "0"
    success: bool = True
    url: str = ""
    source: str = ""


class DependencyFields(NamedTuple):
    """Fields of a dependency, from the attributes. An empty name is replaced by the span's name."""

    type: str
    target: str = ""
    data: str = ""
    code: str = "0"
    name: str = ""


def request_fields(attributes: Attributes) -> RequestFields:
    """Return the fields of a span of kind server or consumer."""
    return _request(attributes)._replace(code=conventions.result_code(attributes))


def _request(attributes: Attributes) -> RequestFields:
    if first_text(attributes, *conventions.AZURE):
        return RequestFields(source=conventions.broker(attributes))
    if method := first_text(attributes, *conventions.METHOD):
        url = conventions.request_url(attributes)
        route = first_text(attributes, *conventions.ROUTE) or (conventions.path_of(url) if url else "")
        code = conventions.status_code(attributes)
        success = code != "0" and not 400 <= int(code) < 500  # noqa: PLR2004 - from 500 on, the span's status decides
        return RequestFields(f"{method} {route}" if route else "", code, success, url)
    if first_text(attributes, *conventions.MESSAGING):
        return RequestFields(source=conventions.queue_source(attributes))
    return RequestFields()


def dependency_fields(attributes: Attributes, kind: int) -> DependencyFields:
    """Return the fields of a span of any other kind."""
    return _dependency(attributes, kind)._replace(code=conventions.result_code(attributes))


def _dependency(attributes: Attributes, kind: int) -> DependencyFields:
    if kind == CLIENT:
        return _client(attributes)
    azure = first_text(attributes, *conventions.AZURE)
    if kind == PRODUCER:
        system = azure or first_text(attributes, *conventions.MESSAGING)
        target = conventions.broker(attributes) if azure else conventions.queue_target(attributes)
        return DependencyFields(f"Queue Message | {system}" if system else "Queue Message", target)
    if model := _model(attributes):
        return DependencyFields(model)
    return DependencyFields(f"InProc | {azure}" if azure else "InProc")


def _client(attributes: Attributes) -> DependencyFields:
    fields = _protocol(attributes)
    if model := _model(attributes):
        return fields._replace(type=model, target=fields.target or first_text(attributes, *conventions.GEN_AI))
    return fields


def _protocol(attributes: Attributes) -> DependencyFields:
    """Return the fields of a client span by the protocol of the call."""
    if azure := first_text(attributes, *conventions.AZURE):
        return DependencyFields(azure, conventions.broker(attributes))
    if method := first_text(attributes, *conventions.METHOD):
        url = conventions.call_url(attributes)
        target = conventions.http_target(attributes, url)
        return DependencyFields("HTTP", target, url, name=f"{method} {conventions.path_of(url)}")
    if database := first_text(attributes, *conventions.DATABASE):
        data = first_text(attributes, *conventions.DATABASE_TEXT, *conventions.DATABASE_OPERATION)
        target = conventions.database_target(attributes, database)
        return DependencyFields(conventions.database_type(database), target, data)
    if messaging := first_text(attributes, *conventions.MESSAGING):
        return DependencyFields(messaging, conventions.queue_target(attributes))
    if rpc := first_text(attributes, *conventions.RPC):
        return DependencyFields(rpc, conventions.call_target(attributes) or rpc)
    return DependencyFields("N/A", conventions.call_target(attributes))


def _model(attributes: Attributes) -> str:
    """Return the type of a call to a language model, which has precedence over other types; empty for other calls."""
    system = first_text(attributes, *conventions.GEN_AI)
    return f"GenAI | {system}" if system else ""
