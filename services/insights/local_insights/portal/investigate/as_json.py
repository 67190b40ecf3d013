"""Overview, Performance and Failures for programs: plain figures, not rounded."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from local_insights.http.query_params import TimeQuery
from local_insights.model.selection import Group, Sample, TimelinePoint
from local_insights.model.statistics import CallStatistics, combined
from local_insights.portal.charts.duration_histogram import PERCENTILES, duration_bars
from local_insights.portal.formats import iso_time
from local_insights.portal.investigate.failures import Failures, top_lists
from local_insights.portal.investigate.overview import Overview
from local_insights.portal.investigate.performance import Performance
from local_insights.portal.investigate.query import GROUPED_BY, InvestigationQuery


def overview_json(found: Overview, time: TimeQuery) -> dict[str, Any]:
    """Requests altogether and over time, availability, and the figures of each role."""
    tests = combined(point.statistics for point in found.tests)
    return {
        **_time(time),
        "requests": _figures(combined(point.statistics for point in found.requests)),
        "availability": {
            "tests": tests.calls,
            "passed_percent": 100 - tests.failed_percent if tests.calls else None,
        },
        "trend": _trend(found.requests),
        "roles": [_row(group, ("role",)) for group in found.roles],
    }


def performance_json(found: Performance, query: InvestigationQuery) -> dict[str, Any]:
    """Rows of the tab, and of the selected calls figures, trend, distribution and samples."""
    return {
        **_asked(query),
        "rows": [_row(group, GROUPED_BY[query.tab]) for group in found.groups.first],
        "total_rows": found.groups.total,
        "selection": _figures(found.within),
        "trend": _trend(found.trend),
        "histogram": [
            {"from_ms": bar.shortest_us / 1000, "to_ms": bar.longest_us / 1000, "calls": bar.calls}
            for bar in duration_bars(found.selected)
        ],
        "samples": _samples(found.samples),
    }


def failures_json(found: Failures, query: InvestigationQuery) -> dict[str, Any]:
    """Rows of the tab, and of the selected calls figures, trend, what failed most beside them, and samples."""
    return {
        **_asked(query),
        "item_counts": {kind: asdict(tally) for kind, tally in found.item_counts.items()},
        "rows": [_row(group, GROUPED_BY[query.tab]) for group in found.groups.first],
        "total_rows": found.groups.total,
        "selection": _figures(found.selected),
        "trend": _trend(found.trend),
        "top": [
            {
                "heading": top.heading,
                "entries": [{"name": entry.label, "hint": entry.hint, "items": entry.items} for entry in top.entries],
            }
            for top in top_lists(found.beside, query)
        ],
        "samples": _samples(found.samples),
    }


def _time(time: TimeQuery) -> dict[str, str]:
    return {"from": time.time_range.start.isoformat(), "to": time.time_range.end.isoformat()}


def _asked(query: InvestigationQuery) -> dict[str, Any]:
    selected = {name: value for name, value in query.parameters.items() if name not in query.time.parameters}
    return {**_time(query.time), "tab": query.tab, "asked": selected}


def _row(group: Group, facts: Iterable[str]) -> dict[str, Any]:
    return {fact: getattr(group.selection, fact) for fact in facts} | _figures(group.statistics)


def _figures(statistics: CallStatistics) -> dict[str, Any]:
    """Percentiles are None where they were not asked for, or no call has a duration."""
    return {
        "calls": statistics.calls,
        "failed": statistics.failed,
        "failed_percent": statistics.failed_percent,
        "average_ms": statistics.average_ms,
        **{f"{name}_ms": statistics.percentile_ms(share) for name, share in PERCENTILES.items()},
        "total_ms": statistics.duration_us / 1000,
    }


def _trend(points: Sequence[TimelinePoint]) -> list[dict[str, Any]]:
    return [{"start_time": iso_time(point.start_us)} | _figures(point.statistics) for point in points]


def _samples(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    return [
        {
            "operation_id": sample.operation_id,
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
        }
        for sample in samples
    ]
