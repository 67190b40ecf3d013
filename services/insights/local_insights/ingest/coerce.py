"""Coerces values of the wrong JSON type to the type of their field, where the fast decoder rejects an item.

SDKs and hand-written clients send numbers for texts, texts for numbers, texts over the limit and lone surrogates. The
Application Insights service accepts most of that. Without coercion, the whole item would be lost.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from local_insights.ingest.track_response import RejectedItemError
from local_insights.ingest.values import finite_number

T = TypeVar("T")
TruncatedTexts = dict[str, int]
"""Paths of the fields whose text was truncated, with the original length in characters."""

MAX_INTEGER = 2**63 - 1
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})
_MAX_NAME = 150
"""Characters of a property's name in a path."""


def coerce_json(raw: bytes | msgspec.Raw, kind: type[T], truncated: TruncatedTexts) -> T:
    """Read JSON into `kind` and coerce every value that has another type.

    Args:
        raw: the JSON text.
        kind: the structure to read into.
        truncated: receives the texts that were truncated.

    Raises:
        RejectedItemError: the text is not JSON, or a required field is missing or cannot be coerced.
    """
    try:
        document = json.loads(bytes(raw).decode("utf-8", "replace"), strict=False)
        return coerce(document, kind, truncated)
    except RecursionError as error:
        message = "expected an item, got JSON nested too deeply"
        raise RejectedItemError(message) from error
    except ValueError as error:
        message = f"expected JSON: {error}"
        raise RejectedItemError(message) from error


def coerce(document: object, kind: type[T], truncated: TruncatedTexts) -> T:
    """Coerce decoded JSON to `kind`; see `coerce_json`."""
    coerced = _Coercer(truncated).coerce(document, _type_info(kind), "")  # type: ignore[arg-type] # a class is hashable
    if not isinstance(coerced, kind):
        message = f"expected {kind.__name__}, got {type(document).__name__}"
        raise RejectedItemError(message)
    return coerced


def replace_surrogates(text: str) -> str:
    """Return a text that UTF-8 can encode: lone surrogates become `?`."""
    return text.encode("utf-8", "replace").decode()


def as_text(value: object) -> str:
    """Return a text unchanged, any other value as JSON."""
    return replace_surrogates(value) if isinstance(value, str) else json.dumps(value)


@cache
def _type_info(kind: type) -> inspect.Type:
    """Return the fields of a structure. Computing them takes ten times as long as coercing one item."""
    return inspect.type_info(kind)


class _Coercer:
    """Coerces values to types. A path is the names of the fields, joined by dots."""

    def __init__(self, truncated: TruncatedTexts) -> None:
        self._truncated = truncated

    def coerce(self, value: Any, kind: inspect.Type, path: str) -> Any:  # noqa: ANN401 (any JSON to any field)
        if isinstance(kind, inspect.UnionType):
            return self._union(value, kind, path)
        return _COERCIONS[type(kind)](self, value, kind, path)

    def text(self, value: object, kind: inspect.StrType, path: str) -> str:
        text = "" if value is None else as_text(value)
        if kind.max_length is not None and len(text) > kind.max_length:
            self._truncated[path] = len(text)
            return text[: kind.max_length]
        return text

    def number(self, value: object, _: inspect.FloatType, __: str) -> float | None:
        return finite_number(value)

    def integer(self, value: object, _: inspect.IntType, __: str) -> int | None:
        number = finite_number(value)
        return None if number is None else max(-MAX_INTEGER, min(MAX_INTEGER, int(number)))

    def flag(self, value: object, _: inspect.BoolType, __: str) -> bool | None:
        lower = as_text(value).strip().lower()
        return True if lower in _TRUE else False if lower in _FALSE else None

    def time(self, value: object, _: inspect.DateTimeType, path: str) -> datetime:
        try:
            return datetime.fromisoformat(str(value).strip().upper())
        except ValueError as error:
            message = f"{path}: expected an ISO 8601 time, got {as_text(value)[:80]!r}"
            raise RejectedItemError(message) from error

    def raw(self, value: object, _: inspect.RawType, __: str) -> msgspec.Raw:
        return msgspec.Raw(json.dumps(value).encode())

    def mapping(self, value: object, kind: inspect.DictType, path: str) -> dict[Any, Any]:
        """Coerce every entry. Entries of a numeric mapping that are not numbers are dropped."""
        if not isinstance(value, dict):
            return {}
        drops_none = not isinstance(kind.value_type, inspect.UnionType)
        entries = {}
        for name, sent in value.items():
            inner = f"{path}.{replace_surrogates(name)[:_MAX_NAME]}"
            entry = self.coerce(sent, kind.value_type, inner)
            if entry is not None or not drops_none:
                entries[self.coerce(name, kind.key_type, inner)] = entry
        return entries

    def sequence(self, value: object, kind: inspect.ListType, path: str) -> list[Any]:
        """Coerce the objects of a list and drop other elements. A single object becomes a list of one."""
        elements = value if isinstance(value, list) else [value]
        return [self.coerce(element, kind.item_type, path) for element in elements if isinstance(element, dict)]

    def struct(self, value: object, kind: inspect.StructType, path: str) -> object:
        if not isinstance(value, dict):
            message = f"{path or 'item'}: expected an object, got {as_text(value)[:80]}"
            raise RejectedItemError(message)
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
        return self.coerce(value, next((member for member in members if type(member) is own), members[0]), path)


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
    inspect.DateTimeType: _Coercer.time,
    inspect.RawType: _Coercer.raw,
    inspect.DictType: _Coercer.mapping,
    inspect.ListType: _Coercer.sequence,
    inspect.StructType: _Coercer.struct,
}
