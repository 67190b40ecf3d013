"""Properties of OTLP items: everything that has no field of its own.

Data outside of attributes has the names that OpenTelemetry defines for it, such as `otel.status_description`.

Reference:
    "Mapping to non-OTLP formats", OpenTelemetry Specification.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local_insights.ingest.coerce import free_name
from local_insights.ingest.otlp.attributes import Attributes, as_text, attributes_of

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource

NO_NAME = "(no name)"
"""The name of a property whose attribute has an empty name."""
DROPPED_ATTRIBUTES = "dropped_attributes_count"
_TARGET_SEPARATORS = re.compile(r"[|/:]")
_COMPOSED = ("name", "type", "target", "source", "url", "data")
_MAX_CACHED_TEXT = 256
"""The length of a text in characters up to which its parts are cached: names, types and targets repeat."""
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class Properties:
    """Properties by name. A value never replaces another: its name gets a number instead."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._repeats: dict[str, int] = {}

    def add(self, name: str, value: object) -> None:
        """Add a property. The text of a value is that of `attributes.as_text`."""
        text = as_text(value)
        name = name or NO_NAME
        if self.texts.setdefault(name, text) != text:
            self.texts[free_name(name, self.texts, self._repeats)] = text

    def add_all(self, values: Mapping[str, object], prefix: str = "") -> None:
        """Add properties whose names get a prefix."""
        for name, value in values.items():
            self.add(prefix + name, value)

    def add_set(self, values: Mapping[str, object], prefix: str = "") -> None:
        """Add the properties that are set: a number other than 0, a text or list that is not empty."""
        for name, value in values.items():
            if value:
                self.add(prefix + name, value)

    def add_shared(self, texts: Mapping[str, str]) -> None:
        """Add the properties that many items share."""
        if self.texts.keys().isdisjoint(texts):
            self.texts.update(texts)
        else:
            self.add_all(texts)

    def add_unmapped(self, attributes: Attributes, mapped: frozenset[str], values: set[str]) -> None:
        """Add the attributes of the item, except those whose value a field contains.

        Args:
            attributes: of the item.
            mapped: names of the attributes from which fields are read.
            values: of the fields; see `field_values`. Several attributes can be the source of one field, which has one
                value: an attribute whose value is not used stays a property.
        """
        for name, value in attributes.items():
            text = as_text(value)
            if name not in mapped or text not in values:
                self.add(name, text)


def field_values(fields: Mapping[str, Any]) -> set[str]:
    """Return the values of an item's fields, and those of which names, types, targets and URLs are composed."""
    values = {value for value in fields.values() if isinstance(value, str)}
    for details in fields.get("exceptions", ()):
        values.update(value for value in details.values() if isinstance(value, str))
    for field in _COMPOSED:
        if (value := fields.get(field)) and isinstance(value, str):
            values.update(_cached_parts(field, value) if len(value) <= _MAX_CACHED_TEXT else _parts(field, value))
    return values


@lru_cache(maxsize=1024)
def _cached_parts(field: str, value: str) -> frozenset[str]:
    return frozenset(_parts(field, value))


def _parts(field: str, value: str) -> Iterable[str]:
    """Return the values of which a field is composed: method and path, system, host, port and database, or a URL's."""
    if field == "name":
        return value.split(" ", 1)
    if field == "type":
        return (value.rpartition(" | ")[2],)
    if field in {"target", "source"}:
        return (*_TARGET_SEPARATORS.split(value), *value.split("|"), *value.split("/", 1))
    return _url_parts(value) if "://" in value else ()


def _url_parts(url: str) -> set[str]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return set()
    path_and_query = url.removeprefix(f"{parts.scheme}://{parts.netloc}")
    port_text = _DEFAULT_PORTS.get(parts.scheme, "") if port is None else str(port)
    return {parts.scheme, parts.netloc, parts.hostname or "", port_text, parts.path, parts.query, path_and_query}


def resource_properties(resource: "Resource", schema_url: str, own: Attributes) -> dict[str, str]:
    """Return the properties that all items of a resource have.

    Args:
        resource: the resource.
        schema_url: the version of the conventions of its attributes.
        own: the attributes of the resource that no tag contains.
    """
    properties = Properties()
    properties.add_all(own)
    for number, entity in enumerate(resource.entity_refs, 1):
        fields = {
            "type": entity.type,
            "id_keys": list(entity.id_keys),
            "description_keys": list(entity.description_keys),
            "schema_url": entity.schema_url,
        }
        properties.add_set(fields, f"otel.entity.{number}.")
    dropped = {"schema_url": schema_url, DROPPED_ATTRIBUTES: resource.dropped_attributes_count}
    properties.add_set(dropped, "otel.resource.")
    return properties.texts


def scope_properties(scope: "InstrumentationScope", schema_url: str, name: str) -> Properties:
    """Return the properties that all items of an instrumentation scope have."""
    properties = Properties()
    prefix = "otel.scope."
    properties.add_set({name: scope.name, f"{prefix}version": scope.version})
    properties.add_all(attributes_of(scope.attributes), prefix)
    properties.add_set({"schema_url": schema_url, DROPPED_ATTRIBUTES: scope.dropped_attributes_count}, prefix)
    return properties
