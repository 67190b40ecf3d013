"""The JSON parts that Overview, Performance and Failures have in common. Numbers are not rounded."""

from collections.abc import Iterable, Sequence
from typing import Any

from local_insights.http.query_params import TimeQuery
from local_insights.model.item import Item
from local_insights.model.selection import Group, GroupField, TimelinePoint
from local_insights.model.statistics import CallStatistics
from local_insights.portal.charts.duration_histogram import PERCENTILES
from local_insights.portal.formats import iso_time
from local_insights.portal.investigate.query import InvestigationQuery
from local_insights.portal.links import item_link


def time_json(time: TimeQuery) -> dict[str, str]:
    """Return the start and end of the time range, ISO 8601."""
    return {"from": time.time_range.start.isoformat(), "to": time.time_range.end.isoformat()}


def query_json(query: InvestigationQuery) -> dict[str, Any]:
    """Return the time range, the tab and the other query parameters."""
    return {**time_json(query.time), "tab": query.tab, "parameters": query.preserved_params}


def group_json(group: Group, fields: Iterable[GroupField]) -> dict[str, Any]:
    """Return the fields that identify a group, and its statistics."""
    return {field: getattr(group.selection, field) for field in fields} | statistics_json(group.statistics)


def statistics_json(statistics: CallStatistics) -> dict[str, Any]:
    """Return counts and milliseconds. A percentile is None when it was not queried or no call has a duration."""
    return {
        "calls": statistics.calls,
        "failed": statistics.failed,
        "failed_percent": statistics.failed_percent,
        "average_ms": statistics.average_ms,
        **{f"{name}_ms": statistics.percentile_ms(share) for name, share in PERCENTILES.items()},
        "total_ms": statistics.duration_us / 1000,
    }


def trend_json(points: Sequence[TimelinePoint]) -> list[dict[str, Any]]:
    """Return the statistics of each step that has calls."""
    return [{"start_time": iso_time(point.start_us)} | statistics_json(point.statistics) for point in points]


def samples_json(samples: Sequence[Item]) -> list[dict[str, Any]]:
    """Return single calls; a field that a call does not have is None. `link` opens the details of the call."""
    return [
        {
            "operation_id": sample.operation_id or None,
            "item_type": sample.item_type,
            "id": sample.id or None,
            "start_time": iso_time(sample.time_us),
            "role": sample.role,
            "name": sample.name,
            "type": sample.dependency_type or None,
            "target": sample.target or None,
            "duration_ms": None if sample.duration_us is None else sample.duration_us / 1000,
            "success": sample.success,
            "result_code": sample.result_code or None,
            "message": sample.message or None,
            "link": item_link(sample),
        }
        for sample in samples
    ]
