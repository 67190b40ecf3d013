"""Makes odd telemetry fit its type, where the fast decoder refuses it.

SDKs and people send numbers for texts, texts for numbers, texts beyond the limit, halves of surrogate pairs. The real
service takes most of that; the alternative is to lose an item over a detail.
"""

import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from local_insights.ingest.receipt import RefusedItemError

T = TypeVar("T")

MAX_INTEGER = 2**63 - 1
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})


def mended(raw: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Read JSON into `kind` with as few demands as can be made.

    Raises:
        RefusedItemError: this is no JSON, or lacks something that nothing can stand in for.
    """
    try:
        document = json.loads(bytes(raw).decode("utf-8", "replace"), strict=False)
        made = _mend(document, inspect.type_info(kind), "item")
    except RecursionError as error:
        message = "expected an item, got JSON nested too deeply"
        raise RefusedItemError(message) from error
    except ValueError as error:
        message = f"expected JSON: {error}"
        raise RefusedItemError(message) from error
    if not isinstance(made, kind):
        message = f"expected {kind.__name__}, got {type(document).__name__}"
        raise RefusedItemError(message)
    return made


def clean(text: str) -> str:
    """The text as it can be written in UTF-8: halves of surrogate pairs become question marks."""
    return text.encode("utf-8", "replace").decode()


def as_text(value: object) -> str:
    """A text as it is, anything else as JSON writes it."""
    return clean(value) if isinstance(value, str) else json.dumps(value)


def _mend(value: Any, kind: inspect.Type, place: str) -> Any:  # noqa: ANN401 (any JSON to any field)
    if isinstance(kind, inspect.UnionType):
        return _mend_union(value, kind, place)
    return _MENDERS[type(kind)](value, kind, place)


def _mend_union(value: object, union: inspect.UnionType, place: str) -> object:
    """The member that has the value's own type, else the first that is not None."""
    if value is None:
        return None
    own = {bool: inspect.BoolType, int: inspect.IntType, float: inspect.FloatType, str: inspect.StrType}.get(
        type(value)
    )
    members = [member for member in union.types if not isinstance(member, inspect.NoneType)]
    member = next((member for member in members if type(member) is own), members[0])
    return _mend(value, member, place)


def _text(value: object, kind: inspect.StrType, _: str) -> str:
    return ("" if value is None else as_text(value))[: kind.max_length]


def _number(value: object, _: inspect.FloatType, __: str) -> float | None:
    if not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _integer(value: object, _: inspect.IntType, place: str) -> int | None:
    number = _number(value, inspect.FloatType(), place)
    return None if number is None else max(-MAX_INTEGER, min(MAX_INTEGER, int(number)))


def _flag(value: object, _: inspect.BoolType, __: str) -> bool | None:
    lower = as_text(value).strip().lower()
    return True if lower in _TRUE else False if lower in _FALSE else None


def _time(value: object, _: inspect.DateTimeType, place: str) -> datetime:
    try:
        return datetime.fromisoformat(str(value).strip())
    except ValueError as error:
        message = f"{place}: expected an ISO 8601 time, got {as_text(value)[:80]!r}"
        raise RefusedItemError(message) from error


def _raw(value: object, _: inspect.RawType, __: str) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def _mapping(value: object, kind: inspect.DictType, place: str) -> dict[Any, Any]:
    """Entries that can be mended; numbers that are none are left out."""
    if not isinstance(value, dict):
        return {}
    entries = (
        (_mend(name, kind.key_type, place), _mend(entry, kind.value_type, place)) for name, entry in value.items()
    )
    return {
        name: entry for name, entry in entries if entry is not None or isinstance(kind.value_type, inspect.UnionType)
    }


def _sequence(value: object, kind: inspect.ListType, place: str) -> list[Any]:
    """A list of what can be read; a single element stands for a list of one."""
    elements = value if isinstance(value, list) else [value]
    return [_mend(element, kind.item_type, place) for element in elements if isinstance(element, dict)]


def _struct(value: object, kind: inspect.StructType, place: str) -> object:
    if not isinstance(value, dict):
        message = f"{place}: expected an object, got {as_text(value)[:80]}"
        raise RefusedItemError(message)
    fields = {}
    for field in kind.fields:
        inner = field.encode_name if place == "item" else f"{place}.{field.encode_name}"
        if value.get(field.encode_name) is not None:
            fields[field.name] = _mend(value[field.encode_name], field.type, inner)
        elif field.required:
            message = f"{inner}: expected a value, got none"
            raise RefusedItemError(message)
    return kind.cls(**fields)


_MENDERS: dict[type[inspect.Type], Callable[[Any, Any, str], Any]] = {
    inspect.StrType: _text,
    inspect.FloatType: _number,
    inspect.IntType: _integer,
    inspect.BoolType: _flag,
    inspect.DateTimeType: _time,
    inspect.RawType: _raw,
    inspect.DictType: _mapping,
    inspect.ListType: _sequence,
    inspect.StructType: _struct,
}
