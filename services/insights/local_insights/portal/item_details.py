"""All fields of one item, as the page of its transaction and its own page show them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_insights.model.context_tags import tag_label
from local_insights.model.exception_chain import ExceptionDetail, StackFrame
from local_insights.model.severity import severity_label
from local_insights.model.transaction import TransactionItem
from local_insights.portal.formats import clip, duration, timestamp
from local_insights.portal.metric_values import format_number, metric_numbers

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
    """The details of one item. No text is longer than `VALUE_LIMIT` characters.

    `link` opens the page of the item, and `zoom_link` the part of its transaction with this item; they can be empty.
    """

    title: str
    kind: str
    failed: bool
    groups: tuple[FieldGroup, ...]
    exceptions: tuple[ExceptionDetail, ...]
    link: str = ""
    zoom_link: str = ""


def item_details(item: TransactionItem, link: str = "", zoom_link: str = "") -> ItemDetails:
    """Return the details of an item."""
    groups = (
        FieldGroup("Properties", tuple(_own_fields(item))),
        FieldGroup("Custom properties", _fields(item.properties)),
        FieldGroup("Measurements", _fields(item.measurements)),
        FieldGroup("Further details", _fields(item.details)),
        FieldGroup("Context", _fields({tag_label(name): value for name, value in item.tags.items()})),
        FieldGroup("As sent", _fields(item.sent)),
    )
    return ItemDetails(
        title=clip(item.title, 400),
        kind=item.item_type,
        failed=item.is_failure,
        groups=tuple(group for group in groups if group.fields),
        exceptions=tuple(
            ExceptionDetail(
                clip_value(error.type_name),
                clip_value(error.message),
                tuple(
                    StackFrame(clip(frame.method, 400), clip(frame.place, 400)) for frame in error.frames[:MOST_FRAMES]
                ),
                clip_value(error.stack),
            )
            for error in item.exceptions
        ),
        link=link,
        zoom_link=zoom_link,
    )


def _own_fields(item: TransactionItem) -> Iterator[DetailField]:
    time_us = int(item.start_time.timestamp() * 1_000_000)
    plain = {
        "Role": item.component,
        "Role instance": item.role_instance,
        "Result code": item.result_code,
        "Severity": severity_label(item.severity),
        "Start": f"+{duration(item.offset_ms)}" if item.offset_ms else "",
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
            yield DetailField(name, clip_value(text))
    for name, number in metric_numbers(item.stored):
        yield DetailField(name, format_number(number))
    if item.item_count > 1:
        yield DetailField("Represents", f"{item.item_count:,} events (sampling)")
    for name, text in code.items():
        if text:
            yield DetailField(name, clip_value(text), is_code=True)


def _fields(values: Mapping[str, Any]) -> tuple[DetailField, ...]:
    return tuple(
        DetailField(clip(name, 200), clip_value(_text(value)), is_code=True) for name, value in sorted(values.items())
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def describe_clock_shift(item: TransactionItem) -> str:
    """Return `clock corrected: shown 4.2 s earlier`; empty when the clock was not corrected."""
    if not item.clock_shift_ms:
        return ""
    direction = "earlier" if item.clock_shift_ms < 0 else "later"
    return f"clock corrected: shown {duration(abs(item.clock_shift_ms))} {direction}"


def clip_value(text: str) -> str:
    """Return the text, cut to `VALUE_LIMIT` characters with a note when it is longer."""
    if len(text) <= VALUE_LIMIT:
        return text
    return f"{text[:VALUE_LIMIT]}… ({len(text):,} characters; the JSON has the whole value)"
