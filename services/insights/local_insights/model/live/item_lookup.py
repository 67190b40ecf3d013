"""Reads items of telemetry for conditions and for the feed."""

import json
from typing import Any

from local_insights.model.exception_chain import exception_chain
from local_insights.model.item import Item, ItemType
from local_insights.model.item_key import item_key
from local_insights.model.live.conditions import ANY_FIELD, CUSTOM_DIMENSION, TelemetryType
from local_insights.model.live.document import DETAIL_LIMIT, NAME_LIMIT, Document, truncate_text

TELEMETRY_TYPES: dict[str, TelemetryType] = {
    ItemType.REQUEST.value: TelemetryType.REQUEST,
    ItemType.DEPENDENCY.value: TelemetryType.DEPENDENCY,
    ItemType.EXCEPTION.value: TelemetryType.EXCEPTION,
    ItemType.CUSTOM_EVENT.value: TelemetryType.EVENT,
    ItemType.TRACE.value: TelemetryType.TRACE,
}
"""Item types that Live Metrics supports."""

_COLUMNS = {
    "Name": "name",
    "Url": "data",
    "Data": "data",
    "Target": "target",
    "Type": "dependency_type",
    "ResponseCode": "result_code",
    "ResultCode": "result_code",
    "Message": "message",
    "Exception.Message": "message",
}


def lookup_field(item: Item, field: str) -> str | None:
    """Return the value of a field, in the format of `conditions.Lookup`."""
    if field == "Success":
        return None if item.success is None else str(item.success).lower()
    if field == "Duration":
        return None if item.duration_us is None else str(item.duration_us / 1000)
    if field.startswith(CUSTOM_DIMENSION):
        value = _properties(item).get(field.removeprefix(CUSTOM_DIMENSION))
        return None if value is None else str(value)
    if field == "Exception.StackTrace":
        return "\n".join(detail.stack for detail in exception_chain(item.exceptions_json))
    if field == ANY_FIELD:
        own = (item.name, item.message, item.data, item.target, item.dependency_type, item.result_code)
        return "\n".join([*own, *map(str, _properties(item).values())])
    column = _COLUMNS.get(field)
    return None if column is None else getattr(item, column)


def document_of(item: Item) -> Document:
    """Return the item as a document of the feed."""
    return Document(
        time_us=item.time_us,
        kind=str(item.item_type),
        name=truncate_text(item.name or item.message, NAME_LIMIT),
        detail=truncate_text(item.message if item.item_type == ItemType.EXCEPTION else item.data, DETAIL_LIMIT),
        result_code=item.result_code,
        duration_ms=None if item.duration_us is None else item.duration_us / 1000,
        success=item.success,
        operation_id=item.operation_id,
        item_key=item_key(item),
    )


def _properties(item: Item) -> dict[str, Any]:
    parsed = json.loads(item.properties_json) if item.properties_json else {}
    return parsed if isinstance(parsed, dict) else {}
