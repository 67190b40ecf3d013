"""Everything known of one item of a transaction."""

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
"""Characters of one value that the page shows; the JSON twin has them all."""

MOST_FRAMES = 200
"""Frames of one call stack that the page shows; runaway recursion leaves thousands that are all alike."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value; `is_code` when the value is best read in a fixed-width font."""

    name: str
    value: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts under one heading."""

    heading: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ItemDetails:
    """The details of one item. Every text is at most `VALUE_LIMIT` characters long."""

    number: int
    title: str
    kind: str
    failed: bool
    groups: tuple[FactGroup, ...]
    exceptions: tuple[ExceptionDetail, ...]


def item_details(number: int, item: TransactionItem) -> ItemDetails:
    """Collect what is known of an item; `number` is its place in the transaction, from 1."""
    groups = (
        FactGroup("Properties", tuple(_own_facts(item))),
        FactGroup("Custom properties", _facts(item.properties)),
        FactGroup("Measurements", _facts(item.measurements)),
        FactGroup("Further details", _facts(item.details)),
        FactGroup("Context", _facts(item.tags)),
        FactGroup("As sent", _facts(item.sent)),
    )
    return ItemDetails(
        number=number,
        title=clip(item.title, 400),
        kind=item.item_type,
        failed=item.is_failure,
        groups=tuple(group for group in groups if group.facts),
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


def _own_facts(item: TransactionItem) -> Iterator[Fact]:
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
            yield Fact(name, _clip(text))
    figures = {
        "Value": item.value,
        "Count": item.value_count,
        "Minimum": item.value_min,
        "Maximum": item.value_max,
        "Standard deviation": item.value_std_dev,
    }
    for name, figure in figures.items():
        if figure is not None:
            yield Fact(name, f"{figure:g}")
    if item.item_count > 1:
        yield Fact("Stands for", f"{item.item_count:,} events (sampling)")
    for name, text in code.items():
        if text:
            yield Fact(name, _clip(text), is_code=True)


def _facts(values: Mapping[str, Any]) -> tuple[Fact, ...]:
    return tuple(Fact(clip(name, 200), _clip(_text(value)), is_code=True) for name, value in sorted(values.items()))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _clip(text: str) -> str:
    if len(text) <= VALUE_LIMIT:
        return text
    return f"{text[:VALUE_LIMIT]}… ({len(text):,} characters; the JSON twin has them all)"
