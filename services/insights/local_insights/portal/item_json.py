"""An item as JSON, as the endpoints of a transaction and of item details return it."""

from dataclasses import asdict, fields
from typing import Any

from local_insights.model.transaction import TransactionItem

DECIMALS = 3

_FIELDS = [field.name for field in fields(TransactionItem) if field.name != "stored"]


def item_fields(item: TransactionItem) -> dict[str, Any]:
    """Return all fields of the item; a field that it does not have is null.

    Times are ISO 8601 in UTC, durations milliseconds to three decimals.
    """
    return {name: getattr(item, name) for name in _FIELDS} | {
        "start_time": item.start_time.isoformat(),
        "offset_ms": round(item.offset_ms, DECIMALS),
        "clock_shift_ms": round(item.clock_shift_ms, DECIMALS),
        "duration_ms": None if item.duration_ms is None else round(item.duration_ms, DECIMALS),
        "exceptions": [asdict(error) for error in item.exceptions],
    }
