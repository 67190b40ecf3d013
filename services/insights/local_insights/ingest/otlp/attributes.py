"""Converts OpenTelemetry attributes to Python values and to texts."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from local_insights.ingest.coerce import free_name
from local_insights.ingest.values import finite_number

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Attributes = Mapping[str, object]
MEASUREMENTS = "microsoft.custom_measurements"
"""The attribute with custom measurements, as an object or as its JSON."""
LOCATION = ("client.address", "http.client_ip", "net.peer.ip")
"""Attributes with the IP address of a user."""
_SCALARS = frozenset({"string_value", "bool_value", "int_value", "double_value"})
"""The types of most values. They are read without a call of `value_of`, which saves a tenth of the time."""


def attributes_of(pairs: "Iterable[KeyValue]") -> dict[str, object]:
    """Return attributes by name. The last of several attributes with the same name has it; see `free_name`."""
    attributes: dict[str, object] = {}
    repeats: dict[str, int] = {}
    for pair in pairs:
        name, sent = pair.key, pair.value
        kind = sent.WhichOneof("value")
        value = getattr(sent, kind) if kind in _SCALARS else value_of(sent)
        if name in attributes and attributes[name] != value:
            attributes[free_name(name, attributes, repeats)] = attributes[name]
        attributes[name] = value
    return attributes


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
    if type(value) is int:
        return str(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def first_text(attributes: Attributes, *names: str) -> str:
    """Return the first of the named attributes that is not empty. Conventions have renamed attributes."""
    for name in names:
        if name in attributes and (text := as_text(attributes[name])):
            return text
    return ""


def measurements_of(attributes: Attributes) -> tuple[dict[str, float], object]:
    """Return custom measurements, and the attribute if one of its values is not a number, else None."""
    sent = attributes.get(MEASUREMENTS)
    entries = sent
    if isinstance(sent, str):
        try:
            entries = json.loads(sent)
        except (ValueError, RecursionError):
            return {}, sent
    if not isinstance(entries, dict):
        return {}, sent
    found = {name: number for name, value in entries.items() if name and (number := finite_number(value)) is not None}
    return found, None if len(found) == len(entries) else sent


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
    return first_text(attributes, "user_agent.synthetic.type") in {"bot", "test"} or "AlwaysOn" in agent
