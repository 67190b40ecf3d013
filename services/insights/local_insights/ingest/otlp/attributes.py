"""Attributes of OpenTelemetry, as Python values and as the properties of an envelope."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from local_insights.ingest.values import finite_number

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Attributes = Mapping[str, object]
MEASUREMENTS = "microsoft.custom_measurements"
"""Numbers of the application's own, as an object or its JSON."""
LOCATION = ("client.address", "http.client_ip", "net.peer.ip")
"""Where a user was seen."""
_MAX_NAME = 150


def attributes_of(pairs: "Iterable[KeyValue]") -> dict[str, object]:
    """Attributes by name. Of a name that comes twice, the last counts."""
    return {pair.key: value_of(pair.value) for pair in pairs}


def value_of(sent: "AnyValue") -> object:
    """A value, however it nests; bytes as base64, as OTLP's JSON has them."""
    kind = sent.WhichOneof("value")
    if kind == "kvlist_value":
        return attributes_of(sent.kvlist_value.values)
    if kind == "array_value":
        return [value_of(element) for element in sent.array_value.values]
    if kind == "bytes_value":
        return base64.b64encode(sent.bytes_value).decode()
    return None if kind is None else getattr(sent, kind)


def as_text(value: object) -> str:
    """A text as it is, nothing for None, anything else as JSON writes it."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def first_text(attributes: Attributes, *names: str) -> str:
    """The first of the named attributes that is there and says something: conventions have changed their names."""
    return next((text for name in names if (text := as_text(attributes.get(name)))), "")


def properties_of(attributes: Attributes, is_told_elsewhere: Callable[[str], bool] = lambda _: False) -> dict[str, str]:
    """Custom dimensions: texts, without what the envelope tells in fields of its own."""
    return {
        name: as_text(value)
        for name, value in attributes.items()
        if name and len(name) <= _MAX_NAME and value is not None and not is_told_elsewhere(name)
    }


def measurements_of(attributes: Attributes) -> dict[str, float]:
    """The application's own numbers; what is no number is left out."""
    sent = attributes.get(MEASUREMENTS)
    if isinstance(sent, str):
        try:
            sent = json.loads(sent)
        except (ValueError, RecursionError):
            return {}
    if not isinstance(sent, dict):
        return {}
    return {name: number for name, value in sent.items() if name and (number := finite_number(value)) is not None}


def exception_details(attributes: Attributes, message: str) -> dict[str, object]:
    """An exception as an envelope lists it.

    Args:
        attributes: of the event or log record that reports it.
        message: goes before the exception's own, when it is not empty.
    """
    stack = attributes.get("exception.stacktrace")
    return {
        "typeName": first_text(attributes, "exception.type") or "Exception",
        "message": message or first_text(attributes, "exception.message") or "Exception",
        "hasFullStack": stack is not None,
        "stack": as_text(stack),
    }


def is_synthetic(attributes: Attributes) -> bool:
    """Whether a test or a robot caused this, and no user."""
    agent = first_text(attributes, "user_agent.original", "http.user_agent")
    return attributes.get("user_agent.synthetic.type") in {"bot", "test"} or "AlwaysOn" in agent
