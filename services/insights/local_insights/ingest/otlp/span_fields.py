"""What a span's attributes say about the call it was, in the fields of an envelope.

Reference:
    `trace/_exporter.py` in azure-monitor-opentelemetry-exporter.
"""

from typing import NamedTuple

from local_insights.ingest.otlp import conventions
from local_insights.ingest.otlp.attributes import Attributes, first_text

CLIENT, PRODUCER = 3, 4
"""Of OpenTelemetry's span kinds those that call somebody; what is neither these nor served stays inside its process."""
_AZURE = "az.namespace"
_MESSAGING = "messaging.system"


class RequestFields(NamedTuple):
    """What a request adds to its span. An empty name is the span's."""

    name: str = ""
    code: str = "0"
    success: bool = True
    url: str = ""
    source: str = ""


class Call(NamedTuple):
    """What a dependency adds to its span. An empty name is the span's."""

    type: str
    target: str = ""
    data: str = ""
    code: str = "0"
    name: str = ""


def served(attributes: Attributes) -> RequestFields:
    """A span of kind server or consumer."""
    if first_text(attributes, _AZURE):
        return RequestFields(source=conventions.broker(attributes))
    if method := first_text(attributes, *conventions.METHOD):
        url = conventions.request_url(attributes)
        route = first_text(attributes, "http.route") or (conventions.path_of(url) if url else "")
        code = conventions.status_code(attributes)
        success = code != "0" and not 400 <= int(code) < 500  # noqa: PLR2004 - above, the span's own status tells
        return RequestFields(f"{method} {route}" if route else "", code, success, url)
    if first_text(attributes, _MESSAGING):
        return RequestFields(source=conventions.queue_source(attributes))
    return RequestFields()


def called(attributes: Attributes, kind: int) -> Call:
    """A span of any other kind."""
    if kind == CLIENT:
        return _client(attributes)
    azure = first_text(attributes, _AZURE)
    if kind == PRODUCER:
        system = azure or first_text(attributes, _MESSAGING)
        target = conventions.broker(attributes) if azure else conventions.queue_target(attributes)
        return Call(f"Queue Message | {system}" if system else "Queue Message", target)
    if model := _model(attributes):
        return Call(model)
    return Call(f"InProc | {azure}" if azure else "InProc")


def _client(attributes: Attributes) -> Call:
    call = _exchange(attributes)
    if model := _model(attributes):
        return call._replace(type=model, target=call.target or first_text(attributes, "gen_ai.system"))
    return call


def _exchange(attributes: Attributes) -> Call:
    if azure := first_text(attributes, _AZURE):
        return Call(azure, conventions.broker(attributes))
    if method := first_text(attributes, *conventions.METHOD):
        url = conventions.call_url(attributes)
        target = conventions.http_target(attributes, url)
        code = conventions.status_code(attributes)
        return Call("HTTP", target, url, code, f"{method} {conventions.path_of(url)}")
    if database := first_text(attributes, *conventions.DATABASE):
        data = first_text(attributes, "db.query.text", "db.statement", "db.operation.name", "db.operation")
        return Call(conventions.database_type(database), conventions.database_target(attributes, database), data)
    if messaging := first_text(attributes, _MESSAGING):
        return Call(messaging, conventions.queue_target(attributes))
    if rpc := first_text(attributes, "rpc.system.name", "rpc.system"):
        return Call(rpc, conventions.peer_target(attributes) or conventions.server(attributes) or rpc)
    return Call("N/A", conventions.peer_target(attributes) or conventions.server(attributes))


def _model(attributes: Attributes) -> str:
    """The type of a call to a language model, which goes before any other."""
    system = first_text(attributes, "gen_ai.system")
    return f"GenAI | {system}" if system else ""
