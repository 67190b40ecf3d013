"""The data of the page Failures as JSON."""

from dataclasses import asdict
from typing import Any

from local_insights.portal.failures.data import Failures
from local_insights.portal.failures.top_lists import top_lists
from local_insights.portal.investigate.as_json import (
    group_json,
    query_json,
    samples_json,
    statistics_json,
    trend_json,
)
from local_insights.portal.investigate.query import GROUPED_BY, InvestigationQuery


def failures_json(data: Failures, query: InvestigationQuery) -> dict[str, Any]:
    """Return the rows of the tab, and the statistics, trend, top lists and samples of the selected calls."""
    return {
        **query_json(query),
        "item_counts": {item_type: asdict(counts) for item_type, counts in data.item_counts.items()},
        "rows": [group_json(group, GROUPED_BY[query.tab]) for group in data.groups.first],
        "total_rows": data.groups.total,
        "selection": statistics_json(data.selected),
        "trend": trend_json(data.trend),
        "top": [
            {
                "heading": top.heading,
                "entries": [{"name": entry.label, "hint": entry.hint, "items": entry.items} for entry in top.entries],
            }
            for top in top_lists(data.co_occurring, query)
        ],
        "samples": samples_json(data.samples),
    }
