"""The last minute as JSON."""

from typing import Any

from local_insights.model.live.snapshot import Snapshot
from local_insights.portal.formats import iso_time
from local_insights.portal.live.formatted_snapshot import SECOND_US


def live_json(snapshot: Snapshot) -> dict[str, Any]:
    """Return the snapshot: `to` is the end of the newest second; `series` end with it, oldest second first."""
    return {
        "to": iso_time((snapshot.second + 1) * SECOND_US),
        "step_s": 1,
        "servers": [
            {
                "id": server.id,
                "role": server.role,
                "role_instance": server.instance,
                "machine": server.machine,
                "source": server.source,
                "sdk_version": server.sdk_version,
                "idle_s": round(server.idle_s, 3),
                **server.values,
            }
            for server in snapshot.servers
        ],
        "latest": {measure: series[-1] for measure, series in snapshot.series.items()},
        "series": {measure: list(series) for measure, series in snapshot.series.items()},
        "custom_metrics": [{"id": metric.id, "title": metric.title} for metric in snapshot.configuration.metrics],
        "documents": [
            {
                "number": shown.number,
                "time": iso_time(shown.document.time_us),
                "item_type": shown.document.kind,
                "role": shown.role,
                "role_instance": shown.instance,
                "server": shown.server_id,
                "name": shown.document.name,
                "detail": shown.document.detail,
                "result_code": shown.document.result_code or None,
                "duration_ms": shown.document.duration_ms,
                "success": shown.document.success,
                "operation_id": shown.document.operation_id or None,
            }
            for shown in reversed(snapshot.documents)
        ],
        "filter_errors": list(snapshot.errors),
    }
