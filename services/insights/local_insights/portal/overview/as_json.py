"""The data of the page Overview as JSON."""

from typing import Any

from local_insights.http.query_params import TimeQuery
from local_insights.model.statistics import combined
from local_insights.portal.investigate.as_json import group_json, statistics_json, time_json, trend_json
from local_insights.portal.overview.data import Overview


def overview_json(data: Overview, time: TimeQuery) -> dict[str, Any]:
    """Return the requests in total and over time, the availability, and the values of each role."""
    tests = combined(point.statistics for point in data.tests)
    return {
        **time_json(time),
        "requests": statistics_json(combined(point.statistics for point in data.requests)),
        "availability": {
            "tests": tests.calls,
            "passed_percent": 100 - tests.failed_percent if tests.calls else None,
        },
        "trend": trend_json(data.requests),
        "roles": [group_json(group, ("role",)) for group in data.roles],
    }
