"""One transaction as JSON."""

from typing import Any

from local_insights.model.transaction import Transaction
from local_insights.portal.item_json import DECIMALS, item_fields


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
        "duration_ms": round(transaction.duration_ms, DECIMALS),
        "roles": list(transaction.roles),
        "items": [item_fields(item) for item in transaction.items],
        "missing_parents": [{"id": parent.id, "items": parent.items} for parent in transaction.missing_parents],
        "notes": list(transaction.notes),
    }
