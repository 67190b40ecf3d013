"""One transaction as JSON."""

from dataclasses import asdict
from typing import Any

from local_insights.model.transaction import Transaction, TransactionItem

_DECIMALS = 3


def transaction_json(transaction: Transaction) -> dict[str, Any]:
    """Return the transaction as an object that JSON can encode.

    Items are in tree order, depth first. Times are ISO 8601 in UTC, durations milliseconds to three decimals; a field
    that an item does not have is null.
    """
    return {
        "operation_id": transaction.operation_id,
        "name": transaction.name,
        "role": transaction.role,
        "success": transaction.success,
        "start_time": transaction.start_time.isoformat(),
        "duration_ms": round(transaction.duration_ms, _DECIMALS),
        "roles": list(transaction.roles),
        "items": [_item(item) for item in transaction.items],
        "missing_parents": [{"id": parent.id, "items": parent.items} for parent in transaction.missing_parents],
        "notes": list(transaction.notes),
    }


def _item(item: TransactionItem) -> dict[str, Any]:
    return asdict(item) | {
        "start_time": item.start_time.isoformat(),
        "offset_ms": round(item.offset_ms, _DECIMALS),
        "clock_shift_ms": round(item.clock_shift_ms, _DECIMALS),
        "duration_ms": None if item.duration_ms is None else round(item.duration_ms, _DECIMALS),
    }
