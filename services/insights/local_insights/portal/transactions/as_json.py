"""The list of operations as JSON."""

from collections.abc import Sequence
from typing import Any

from local_insights.http.query_params import TimeQuery
from local_insights.model.summaries import OperationSummary
from local_insights.portal.formats import iso_time


def transactions_json(operations: Sequence[OperationSummary], time: TimeQuery) -> dict[str, Any]:
    """Return the time range and the operations, newest first. Times are ISO 8601 in UTC, durations milliseconds."""
    return {
        "from": time.time_range.start.isoformat(),
        "to": time.time_range.end.isoformat(),
        "operations": [
            {
                "operation_id": operation.operation_id,
                "name": operation.name,
                "role": operation.role,
                "start_time": iso_time(operation.start_us),
                "duration_ms": None if operation.duration_us is None else operation.duration_us / 1000,
                "success": operation.success,
            }
            for operation in operations
        ],
    }
