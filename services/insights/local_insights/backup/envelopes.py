"""Conversion of items to envelopes. `ingest.normalize` converts such an envelope back to an equal item."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from local_insights.http.json_text import escape_unprintable
from local_insights.model.item import Item, ItemType, require_entries

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENVELOPE_NAME = "Microsoft.ApplicationInsights"

Fields = dict[str, Any]


def envelope_line(item: Item) -> bytes:
    """Return the envelope of an item as one line of JSON.

    Ids, type and target are the values before normalization. Values that Local Insights derived, such as the default
    role or the problem id of an exception, are included. The original length of a truncated text is not preserved.
    """
    sent: Fields = msgspec.json.decode(item.sent_json) if item.sent_json else {}
    base_type, base_data_fields = _BASE_DATA[ItemType(item.item_type)]
    base_data = {
        "ver": 2,
        "id": sent.get("id", item.id),
        "name": item.name,
        "duration": _duration(item.duration_us),
        **base_data_fields(item, sent),
        "properties": _raw(item.properties_json),
        "measurements": _raw(item.measurements_json),
    }
    tags = {
        "ai.cloud.role": item.role,
        "ai.cloud.roleInstance": item.role_instance,
        "ai.operation.id": sent.get("operation_id", item.operation_id),
        "ai.operation.parentId": sent.get("parent_id", item.parent_id),
        "ai.operation.name": item.operation_name,
        "ai.internal.sdkVersion": item.sdk_version,
        **(msgspec.json.decode(item.tags_json) if item.tags_json else {}),
    }
    envelope = {
        "name": f"{_ENVELOPE_NAME}.{base_type.removesuffix('Data')}",
        "time": (_EPOCH + timedelta(microseconds=item.time_us)).isoformat(timespec="microseconds"),
        "iKey": item.instrumentation_key,
        "sampleRate": None if item.item_count == 1 else 100 / item.item_count,
        "tags": _non_empty(tags),
        "data": {"baseType": base_type, "baseData": _non_empty(base_data)},
    }
    line = msgspec.json.encode(_non_empty(envelope)) + b"\n"
    return line if line.isascii() and b"\x7f" not in line else escape_unprintable(line.decode()).encode()


def _request(item: Item, _: Fields) -> Fields:
    return {"responseCode": item.result_code, "success": item.success, "source": item.source, "url": item.data}


def _dependency(item: Item, sent: Fields) -> Fields:
    return {
        "type": sent.get("type", item.dependency_type),
        "target": sent.get("target", item.target),
        "data": item.data,
        "resultCode": item.result_code,
        "success": item.success,
    }


def _message(item: Item, _: Fields) -> Fields:
    return {"message": item.message, "severityLevel": item.severity}


def _exception(item: Item, _: Fields) -> Fields:
    return {
        "name": "",  # ingest reads the name from the outermost exception
        "exceptions": _raw(item.exceptions_json),
        "severityLevel": item.severity,
        "problemId": item.problem_id,
        **_details(item),
    }


def _event(_: Item, __: Fields) -> Fields:
    return {}


def _metric(item: Item, _: Fields) -> Fields:
    details = _details(item)
    point = {
        "name": item.name,
        "ns": details.get("ns"),
        "kind": details.get("kind"),
        "value": item.value,
        "count": item.value_count,
        "min": item.value_min,
        "max": item.value_max,
        "stdDev": item.value_std_dev,
    }
    return {"name": "", "metrics": [_non_empty(point)]}


def _page(item: Item, _: Fields) -> Fields:
    return {"url": item.data, **_details(item)}


def _availability(item: Item, _: Fields) -> Fields:
    return {"success": item.success, "message": item.message, **_details(item)}


_BASE_DATA: dict[ItemType, tuple[str, Callable[[Item, Fields], Fields]]] = {
    ItemType.REQUEST: ("RequestData", _request),
    ItemType.DEPENDENCY: ("RemoteDependencyData", _dependency),
    ItemType.TRACE: ("MessageData", _message),
    ItemType.EXCEPTION: ("ExceptionData", _exception),
    ItemType.CUSTOM_EVENT: ("EventData", _event),
    ItemType.CUSTOM_METRIC: ("MetricData", _metric),
    ItemType.PERFORMANCE_COUNTER: ("MetricData", _metric),
    ItemType.PAGE_VIEW: ("PageViewData", _page),
    ItemType.BROWSER_TIMING: ("PageViewPerfData", _page),
    ItemType.AVAILABILITY_RESULT: ("AvailabilityData", _availability),
}
"""Base type and conversion of each item type."""
require_entries("_BASE_DATA", _BASE_DATA, ItemType)


def _details(item: Item) -> Fields:
    details: Fields = msgspec.json.decode(item.details_json) if item.details_json else {}
    return details


def _duration(duration_us: int | None) -> str:
    """Format a duration as `d.hh:mm:ss.ffffff`; empty for None."""
    if duration_us is None:
        return ""
    seconds, microseconds = divmod(duration_us, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}.{hours:02}:{minutes:02}:{seconds:02}.{microseconds:06}"


def _raw(json: str) -> msgspec.Raw | None:
    """Return JSON text that is written unchanged; None if it is empty."""
    return msgspec.Raw(json.encode()) if json else None


def _non_empty(fields: Fields) -> Fields:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}
