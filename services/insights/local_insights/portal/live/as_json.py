"""The last minute for programs."""

from typing import Any

from local_insights.model.live.snapshot import Snapshot
from local_insights.portal.formats import iso_time
from local_insights.portal.live.view import SECOND_US


def live_json(shown: Snapshot) -> dict[str, Any]:
    """The snapshot as JSON: `to` is the end of the newest second, `series` run up to it, oldest second first."""
    return {
        "to": iso_time((shown.second + 1) * SECOND_US),
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
            for server in shown.servers
        ],
        "latest": {measure: series[-1] for measure, series in shown.series.items()},
        "series": {measure: list(series) for measure, series in shown.series.items()},
        "custom_metrics": [{"id": metric.id, "title": metric.title} for metric in shown.configuration.metrics],
        "documents": [
            {
                "number": one.number,
                "time": iso_time(one.document.time_us),
                "item_type": one.document.kind,
                "role": one.role,
                "role_instance": one.instance,
                "server": one.server_id,
                "name": one.document.name,
                "detail": one.document.detail,
                "result_code": one.document.result_code or None,
                "duration_ms": one.document.duration_ms,
                "success": one.document.success,
                "operation_id": one.document.operation_id or None,
            }
            for one in reversed(shown.documents)
        ],
        "filter_errors": list(shown.errors),
    }
