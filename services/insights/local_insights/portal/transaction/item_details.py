"""All fields of one item of a transaction."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_insights.model.exception_chain import ExceptionDetail, StackFrame
from local_insights.model.severity import severity_label
from local_insights.model.transaction import TransactionItem
from local_insights.portal.formats import clip, duration, timestamp
from local_insights.portal.transaction.gantt import describe_clock_shift

VALUE_LIMIT = 20_000
"""The maximum length of a value on the page, characters; the JSON endpoint returns the whole value."""

MOST_FRAMES = 200
"""The maximum number of stack frames on the page; endless recursion creates thousands of equal frames."""


@dataclass(frozen=True, slots=True)
class DetailField:
    """A name and a value; `is_code` is True when the value is shown in a fixed-width font."""

    name: str
    value: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one heading."""

    heading: str
    fields: tuple[DetailField, ...]


@dataclass(frozen=True, slots=True)
class ItemDetails:
    """The details of one item. No text is longer than `VALUE_LIMIT` characters."""

    number: int
    title: str
    kind: str
    failed: bool
    groups: tuple[FieldGroup, ...]
    exceptions: tuple[ExceptionDetail, ...]


def item_details(number: int, item: TransactionItem) -> ItemDetails:
    """Return the details of an item; `number` is its position in the transaction, from 1."""
    groups = (
        FieldGroup("Properties", tuple(_own_fields(item))),
        FieldGroup("Custom properties", _fields(item.properties)),
        FieldGroup("Measurements", _fields(item.measurements)),
        FieldGroup("Further details", _fields(item.details)),
        FieldGroup("Context", _fields(item.tags)),
        FieldGroup("As sent", _fields(item.sent)),
    )
    return ItemDetails(
        number=number,
        title=clip(item.title, 400),
        kind=item.item_type,
        failed=item.is_failure,
        groups=tuple(group for group in groups if group.fields),
        exceptions=tuple(
            ExceptionDetail(
                _clip(error.type_name),
                _clip(error.message),
                tuple(
                    StackFrame(clip(frame.method, 400), clip(frame.place, 400)) for frame in error.frames[:MOST_FRAMES]
                ),
                _clip(error.stack),
            )
            for error in item.exceptions
        ),
    )


def _own_fields(item: TransactionItem) -> Iterator[DetailField]:
    time_us = int(item.start_time.timestamp() * 1_000_000)
    plain = {
        "Role": item.role,
        "Role instance": item.role_instance,
        "Result code": item.result_code,
        "Severity": severity_label(item.severity),
        "Start": f"+{duration(item.offset_ms)}",
        "Time": f"{timestamp(time_us)} UTC",
        "Clock": describe_clock_shift(item),
        "Duration": None if item.duration_ms is None else duration(item.duration_ms),
        "Type": item.type,
        "Target": item.target,
        "Operation": item.operation_name,
        "Source": item.source,
        "Problem": item.problem_id,
        "SDK": item.sdk_version,
    }
    code = {
        "Command" if item.type else "URL": item.data,
        "Message": item.message,
        "Id": item.id,
        "Parent id": item.parent_id,
    }
    for name, text in plain.items():
        if text:
            yield DetailField(name, _clip(text))
    numbers = {
        "Value": item.value,
        "Count": item.value_count,
        "Minimum": item.value_min,
        "Maximum": item.value_max,
        "Standard deviation": item.value_std_dev,
    }
    for name, number in numbers.items():
        if number is not None:
            yield DetailField(name, f"{number:g}")
    if item.item_count > 1:
        yield DetailField("Represents", f"{item.item_count:,} events (sampling)")
    for name, text in code.items():
        if text:
            yield DetailField(name, _clip(text), is_code=True)


def _fields(values: Mapping[str, Any]) -> tuple[DetailField, ...]:
    return tuple(
        DetailField(clip(name, 200), _clip(_text(value)), is_code=True) for name, value in sorted(values.items())
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _clip(text: str) -> str:
    if len(text) <= VALUE_LIMIT:
        return text
    return f"{text[:VALUE_LIMIT]}… ({len(text):,} characters; the JSON has the whole value)"
