"""Coerces values of the wrong JSON type to the type of their field, where the fast decoder rejects an item.

SDKs and hand-written clients send numbers for texts, texts for numbers, texts over the limit and lone surrogates. The
Application Insights service accepts most of that. Without coercion, the whole item would be lost. A value that cannot
be coerced becomes a property with the name of its field.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from local_insights.ingest.track_response import RejectedItemError
from local_insights.ingest.values import finite_number

T = TypeVar("T")

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})
_MAX_NAME = 150
"""Characters of a property's name in a path."""
_MAX_TEXT = 8192
"""Characters of a property's text, as in `envelope.Text8K`."""
_MAX_NUMBERED = 140
"""Characters of a truncated name that another name equals, before its number."""


class Deviations:
    """The values of an envelope that do not fit into their fields. Paths are the names of nested fields, with dots."""

    __slots__ = ("_repeats", "properties", "truncated")

    def __init__(self) -> None:
        self.truncated: dict[str, int] = {}
        """Paths of the fields whose text was truncated, with the original length in characters."""
        self.properties: dict[str, str] = {}
        """The texts of values that could not be coerced, by path."""
        self._repeats: dict[str, int] = {}

    def keep(self, path: str, value: object) -> None:
        """Store a value that could not be coerced, unless it is empty."""
        if value in (None, "", [], {}):
            return
        text = as_text(value)
        name = free_name(path, self.properties, self._repeats) if path in self.properties else path
        if len(text) > _MAX_TEXT:
            self.truncated[f"properties.{name}"] = len(text)
        self.properties[name] = text[:_MAX_TEXT]


def coerce_json(raw: bytes | msgspec.Raw, kind: type[T], deviations: Deviations) -> T:
    """Read JSON into `kind` and coerce every value that has another type.

    Args:
        raw: the JSON text.
        kind: the structure to read into.
        deviations: receives the values that did not fit.

    Raises:
        RejectedItemError: the text is not JSON, or a required field is missing or cannot be coerced.
    """
    try:
        document = json.loads(bytes(raw).decode("utf-8", "replace"), strict=False)
        return coerce(document, kind, deviations)
    except RecursionError as error:
        message = "expected an item, got JSON nested too deeply"
        raise RejectedItemError(message) from error
    except ValueError as error:
        message = f"expected JSON: {error}"
        raise RejectedItemError(message) from error


def coerce(document: object, kind: type[T], deviations: Deviations) -> T:
    """Coerce decoded JSON to `kind`; see `coerce_json`."""
    coerced = _Coercer(deviations).coerce(document, _type_info(kind), "")  # type: ignore[arg-type] # a class is hashable
    if not isinstance(coerced, kind):
        message = f"expected {kind.__name__}, got {type(document).__name__}"
        raise RejectedItemError(message)
    return coerced


def replace_surrogates(text: str) -> str:
    """Return a text that UTF-8 can encode: lone surrogates become `?`."""
    return text.encode("utf-8", "replace").decode()


def as_text(value: object) -> str:
    """Return a text unchanged, any other value as JSON."""
    return replace_surrogates(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def free_name(name: str, taken: Mapping[str, object], repeats: dict[str, int]) -> str:
    """Return a name that is not taken: `name (2)`, `name (3)` and so on.

    Args:
        name: the name that is taken.
        taken: all names that are taken.
        repeats: the last number of each name. It avoids a cost that is quadratic in the number of repetitions.
    """
    number = repeats.get(name, 1) + 1
    while (other := f"{name} ({number})") in taken:
        number += 1
    repeats[name] = number
    return other


@cache
def _type_info(kind: type) -> inspect.Type:
    """Return the fields of a structure. Computing them takes ten times as long as coercing one item."""
    return inspect.type_info(kind)


class _Coercer:
    """Coerces values to types. A path is the names of the fields, joined by dots."""

    def __init__(self, deviations: Deviations) -> None:
        self._deviations = deviations

    def coerce(self, value: Any, kind: inspect.Type, path: str) -> Any:  # noqa: ANN401 (any JSON to any field)
        if isinstance(kind, inspect.UnionType):
            return self._union(value, kind, path)
        return _COERCIONS[type(kind)](self, value, kind, path)

    def text(self, value: object, kind: inspect.StrType, path: str) -> str:
        text = "" if value is None else as_text(value)
        if kind.max_length is not None and len(text) > kind.max_length:
            self._deviations.truncated[path] = len(text)
            return text[: kind.max_length]
        return text

    def number(self, value: object, _: inspect.FloatType, path: str) -> float | None:
        number = finite_number(value)
        if number is None:
            self._deviations.keep(path, value)
        return number

    def integer(self, value: object, kind: inspect.IntType, path: str) -> int | None:
        """Coerce to an integer within the limits of the field, and store a number that has other digits."""
        number = value if isinstance(value, int) else finite_number(value)
        if number is None:
            self._deviations.keep(path, value)
            return None
        integer = int(number)
        if kind.ge is not None and kind.le is not None:
            integer = max(kind.ge, min(kind.le, integer))
        if integer != number:
            self._deviations.keep(path, value)
        return integer

    def flag(self, value: object, _: inspect.BoolType, path: str) -> bool | None:
        lower = as_text(value).strip().lower()
        if lower in _TRUE or lower in _FALSE:
            return lower in _TRUE
        self._deviations.keep(path, value)
        return None

    def literal(self, value: object, kind: inspect.LiteralType, path: str) -> object:
        """Coerce to one of the names or numbers, in any case."""
        own = value.strip() if isinstance(value, str) else value
        own = int(own) if isinstance(own, float) and own.is_integer() else own
        found = next((known for known in kind.values if str(known).lower() == as_text(own).lower()), None)
        if found is None:
            self._deviations.keep(path, value)
        return found

    def time(self, value: object, _: inspect.DateTimeType, path: str) -> datetime:
        try:
            return datetime.fromisoformat(str(value).strip().upper())
        except ValueError as error:
            message = f"{path}: expected an ISO 8601 time, got {as_text(value)[:80]!r}"
            raise RejectedItemError(message) from error

    def raw(self, value: object, _: inspect.RawType, __: str) -> msgspec.Raw:
        return msgspec.Raw(json.dumps(value).encode())

    def mapping(self, value: object, kind: inspect.DictType, path: str) -> dict[Any, Any]:
        """Coerce every entry. Entries of a numeric mapping that are not numbers become properties."""
        if not isinstance(value, dict):
            self._deviations.keep(path, value)
            return {}
        drops_none = not isinstance(kind.value_type, inspect.UnionType)
        entries: dict[Any, Any] = {}
        repeats: dict[str, int] = {}
        for name, sent in value.items():
            inner = f"{path}.{replace_surrogates(name)[:_MAX_NAME]}"
            entry = self.coerce(sent, kind.value_type, inner)
            if entry is not None or not drops_none:
                key = self.coerce(name, kind.key_type, inner)
                entries[free_name(key[:_MAX_NUMBERED], entries, repeats) if key in entries else key] = entry
        return entries

    def sequence(self, value: object, kind: inspect.ListType, path: str) -> list[Any]:
        """Coerce the objects of a list; other elements become properties. A single object becomes a list of one."""
        elements = value if isinstance(value, list) else [value]
        others = [element for element in elements if not isinstance(element, dict)]
        self._deviations.keep(path, others if isinstance(value, list) else others and value)
        return [self.coerce(element, kind.item_type, path) for element in elements if isinstance(element, dict)]

    def struct(self, value: object, kind: inspect.StructType, path: str) -> object:
        if not isinstance(value, dict):
            message = f"{path or 'item'}: expected an object, got {as_text(value)[:80]}"
            raise RejectedItemError(message)
        value = _with_text_stack(value)
        fields = {}
        for field in kind.fields:
            inner = f"{path}.{field.encode_name}" if path else field.encode_name
            if value.get(field.encode_name) is not None:
                fields[field.name] = self.coerce(value[field.encode_name], field.type, inner)
            elif field.required:
                message = f"{inner}: expected a value, got none"
                raise RejectedItemError(message)
        return kind.cls(**fields)

    def _union(self, value: object, union: inspect.UnionType, path: str) -> object:
        """Coerce to the member with the value's own type, else to the first member that is not None."""
        if value is None:
            return None
        own = _OWN_TYPES.get(type(value))
        members = [member for member in union.types if not isinstance(member, inspect.NoneType)]
        member = next((member for member in members if type(member) is own), members[0])
        if isinstance(value, float) and not math.isfinite(value) and isinstance(members[0], inspect.StrType):
            member = members[0]
        return self.coerce(value, member, path)


def _with_text_stack(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an exception with a stack that is a text in `stack`, also if `parsedStack` contains it.

    The middlewares of OpenCensus for Flask, Django and others send it there.
    """
    stack = fields.get("parsedStack")
    if isinstance(stack, list) and stack and all(isinstance(line, str) for line in stack):
        stack = "\n".join(stack)
    if not isinstance(stack, str) or fields.get("stack"):
        return fields
    return {**fields, "parsedStack": None, "stack": stack}


_OWN_TYPES: dict[type, type[inspect.Type]] = {
    bool: inspect.BoolType,
    int: inspect.IntType,
    float: inspect.FloatType,
    str: inspect.StrType,
}
_COERCIONS: dict[type[inspect.Type], Callable[[_Coercer, Any, Any, str], Any]] = {
    inspect.StrType: _Coercer.text,
    inspect.FloatType: _Coercer.number,
    inspect.IntType: _Coercer.integer,
    inspect.BoolType: _Coercer.flag,
    inspect.LiteralType: _Coercer.literal,
    inspect.DateTimeType: _Coercer.time,
    inspect.RawType: _Coercer.raw,
    inspect.DictType: _Coercer.mapping,
    inspect.ListType: _Coercer.sequence,
    inspect.StructType: _Coercer.struct,
}
