"""The data of the page Performance as JSON."""

from typing import Any

from local_insights.portal.charts.duration_histogram import duration_bars
from local_insights.portal.investigate.as_json import (
    group_json,
    query_json,
    samples_json,
    statistics_json,
    trend_json,
)
from local_insights.portal.investigate.query import GROUPED_BY, InvestigationQuery
from local_insights.portal.performance.data import Performance


def performance_json(data: Performance, query: InvestigationQuery) -> dict[str, Any]:
    """Return the rows of the tab, and the statistics, trend, histogram and samples of the selected calls."""
    return {
        **query_json(query),
        "rows": [group_json(group, GROUPED_BY[query.tab]) for group in data.groups.first],
        "total_rows": data.groups.total,
        "selection": statistics_json(data.within),
        "trend": trend_json(data.trend),
        "histogram": [
            {"from_ms": bar.shortest_us / 1000, "to_ms": bar.longest_us / 1000, "calls": bar.calls}
            for bar in duration_bars(data.selected)
        ],
        "samples": samples_json(data.samples),
    }
