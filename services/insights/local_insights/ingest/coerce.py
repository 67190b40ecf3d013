"""Makes odd telemetry fit its type, where the fast decoder refuses it.

SDKs and people send numbers for texts, texts for numbers, texts beyond the limit, halves of surrogate pairs. The real
service takes most of that; the alternative is to lose an item over a detail.
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
Cut = dict[str, int]
"""Fields whose text was cut, with the length they had."""

MAX_INTEGER = 2**63 - 1
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})
_NAMED_CHARACTERS = 150
"""How much of a property's name is told."""


def mended(raw: bytes | msgspec.Raw, kind: type[T], cut: Cut) -> T:
    """Read JSON into `kind` with as few demands as can be made.

    Args:
        raw: the JSON text.
        kind: what it is to fit.
        cut: is told which texts were cut.

    Raises:
        RejectedItemError: this is no JSON, or lacks something that nothing can stand in for.
    """
    try:
        document = json.loads(bytes(raw).decode("utf-8", "replace"), strict=False)
        return coerce(document, kind, cut)
    except RecursionError as error:
        message = "expected an item, got JSON nested too deeply"
        raise RejectedItemError(message) from error
    except ValueError as error:
        message = f"expected JSON: {error}"
        raise RejectedItemError(message) from error


def coerce(document: object, kind: type[T], cut: Cut) -> T:
    """What `mended` does, with JSON that was read already."""
    made = _Coercer(cut).mend(document, _type_info(kind), "")  # type: ignore[arg-type] # a class can be hashed
    if not isinstance(made, kind):
        message = f"expected {kind.__name__}, got {type(document).__name__}"
        raise RejectedItemError(message)
    return made


def clean(text: str) -> str:
    """The text as it can be written in UTF-8: halves of surrogate pairs become question marks."""
    return text.encode("utf-8", "replace").decode()


def as_text(value: object) -> str:
    """A text as it is, anything else as JSON writes it."""
    return clean(value) if isinstance(value, str) else json.dumps(value)


@cache
def _type_info(kind: type) -> inspect.Type:
    """What a structure looks like; finding it out takes ten times as long as mending one."""
    return inspect.type_info(kind)


class _Coercer:
    """Reads values into types; places are the names of fields, joined by dots."""

    def __init__(self, cut: Cut) -> None:
        self._cut = cut

    def mend(self, value: Any, kind: inspect.Type, place: str) -> Any:  # noqa: ANN401 (any JSON to any field)
        if isinstance(kind, inspect.UnionType):
            return self._union(value, kind, place)
        return _COERCIONS[type(kind)](self, value, kind, place)

    def text(self, value: object, kind: inspect.StrType, place: str) -> str:
        text = "" if value is None else as_text(value)
        if kind.max_length is not None and len(text) > kind.max_length:
            self._cut[place] = len(text)
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

    def time(self, value: object, _: inspect.DateTimeType, place: str) -> datetime:
        try:
            return datetime.fromisoformat(str(value).strip().upper())
        except ValueError as error:
            message = f"{place}: expected an ISO 8601 time, got {as_text(value)[:80]!r}"
            raise RejectedItemError(message) from error

    def raw(self, value: object, _: inspect.RawType, __: str) -> msgspec.Raw:
        return msgspec.Raw(json.dumps(value).encode())

    def mapping(self, value: object, kind: inspect.DictType, place: str) -> dict[Any, Any]:
        """Entries that can be mended; numbers that are none are left out."""
        if not isinstance(value, dict):
            return {}
        is_any_left_out = not isinstance(kind.value_type, inspect.UnionType)
        entries = {}
        for name, sent in value.items():
            inner = f"{place}.{clean(name)[:_NAMED_CHARACTERS]}"
            entry = self.mend(sent, kind.value_type, inner)
            if entry is not None or not is_any_left_out:
                entries[self.mend(name, kind.key_type, inner)] = entry
        return entries

    def sequence(self, value: object, kind: inspect.ListType, place: str) -> list[Any]:
        """A list of what can be read; a single element stands for a list of one."""
        split_items = value if isinstance(value, list) else [value]
        return [self.mend(element, kind.item_type, place) for element in split_items if isinstance(element, dict)]

    def struct(self, value: object, kind: inspect.StructType, place: str) -> object:
        if not isinstance(value, dict):
            message = f"{place or 'item'}: expected an object, got {as_text(value)[:80]}"
            raise RejectedItemError(message)
        fields = {}
        for field in kind.fields:
            inner = f"{place}.{field.encode_name}" if place else field.encode_name
            if value.get(field.encode_name) is not None:
                fields[field.name] = self.mend(value[field.encode_name], field.type, inner)
            elif field.required:
                message = f"{inner}: expected a value, got none"
                raise RejectedItemError(message)
        return kind.cls(**fields)

    def _union(self, value: object, union: inspect.UnionType, place: str) -> object:
        """The member that has the value's own type, else the first that is not None."""
        if value is None:
            return None
        own = _OWN_TYPES.get(type(value))
        members = [member for member in union.types if not isinstance(member, inspect.NoneType)]
        return self.mend(value, next((member for member in members if type(member) is own), members[0]), place)


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
