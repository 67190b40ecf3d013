"""Converts OpenTelemetry attributes to Python values and to the properties of an envelope."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from local_insights.ingest.values import finite_number

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Attributes = Mapping[str, object]
MEASUREMENTS = "microsoft.custom_measurements"
"""The attribute with custom measurements, as an object or as its JSON."""
LOCATION = ("client.address", "http.client_ip", "net.peer.ip")
"""Attributes with the IP address of a user."""
_MAX_NAME = 150


def attributes_of(pairs: "Iterable[KeyValue]") -> dict[str, object]:
    """Return attributes by name. The last of several attributes with the same name is used."""
    return {pair.key: value_of(pair.value) for pair in pairs}


def value_of(sent: "AnyValue") -> object:
    """Return a value of any depth; bytes as base64, as in the JSON encoding of OTLP."""
    kind = sent.WhichOneof("value")
    if kind == "kvlist_value":
        return attributes_of(sent.kvlist_value.values)
    if kind == "array_value":
        return [value_of(element) for element in sent.array_value.values]
    if kind == "bytes_value":
        return base64.b64encode(sent.bytes_value).decode()
    return None if kind is None else getattr(sent, kind)


def as_text(value: object) -> str:
    """Return a text unchanged, an empty text for None, any other value as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def first_text(attributes: Attributes, *names: str) -> str:
    """Return the first of the named attributes that is not empty. Conventions have renamed attributes."""
    return next((text for name in names if (text := as_text(attributes.get(name)))), "")


def properties_of(attributes: Attributes, is_mapped: Callable[[str], bool] = lambda _: False) -> dict[str, str]:
    """Return custom dimensions as texts, without attributes that are mapped to fields of the envelope."""
    return {
        name: as_text(value)
        for name, value in attributes.items()
        if name and len(name) <= _MAX_NAME and value is not None and not is_mapped(name)
    }


def measurements_of(attributes: Attributes) -> dict[str, float]:
    """Return custom measurements; values that are not numbers are dropped."""
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
    """Return an exception in the format of an envelope.

    Args:
        attributes: of the event or log record.
        message: replaces the message of the exception, unless it is empty.
    """
    stack = attributes.get("exception.stacktrace")
    return {
        "typeName": first_text(attributes, "exception.type") or "Exception",
        "message": message or first_text(attributes, "exception.message") or "Exception",
        "hasFullStack": stack is not None,
        "stack": as_text(stack),
    }


def is_synthetic(attributes: Attributes) -> bool:
    """Return whether a test or a bot caused the item, not a user."""
    agent = first_text(attributes, "user_agent.original", "http.user_agent")
    return attributes.get("user_agent.synthetic.type") in {"bot", "test"} or "AlwaysOn" in agent
