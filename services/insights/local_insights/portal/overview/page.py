"""The template context of the page Overview."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from markupsafe import Markup

from local_insights.http.query_params import TimeQuery
from local_insights.model.health import Level, level
from local_insights.model.item import ItemType
from local_insights.model.node_id import role_id
from local_insights.model.selection import Group
from local_insights.model.statistics import CallStatistics, combined
from local_insights.portal.charts.axis import COUNTS, DURATIONS, PERCENTAGES
from local_insights.portal.charts.time_chart import bar_chart, line_chart, timeline_series
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.formats import count, duration, percent
from local_insights.portal.investigate.query import InvestigationQuery
from local_insights.portal.links import map_link
from local_insights.portal.overview.data import Overview
from local_insights.portal.page_layout import PageLayout

_TILE_HEIGHT_PX = 96
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Tile:
    """One value, its chart over time, and a link to the page with details."""

    heading: str
    value: str
    note: str
    level: Level
    chart: Markup
    link: str
    link_label: str


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role and its statistics; the links open other pages at the same time range."""

    role: str
    statistics: CallStatistics
    p95_ms: float | None
    level: Level
    map_link: str
    performance_link: str
    failures_link: str


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The page `/overview`."""

    layout: PageLayout
    tiles: tuple[Tile, ...]
    roles: tuple[RoleLine, ...]
    map_link: str
    json_link: str
    empty: EmptyState | None


def overview_page(data: Overview, layout: PageLayout, time: TimeQuery, empty: EmptyState | None) -> OverviewPage:
    """Return the context for the data."""
    return OverviewPage(
        layout=layout,
        tiles=_tiles(data, time),
        roles=tuple(_role_line(group, time) for group in _worst_first(data.roles)),
        map_link=f"/map{layout.time_query_string}",
        json_link=f"{layout.path}.json{layout.time_query_string}",
        empty=empty,
    )


def _tiles(data: Overview, time: TimeQuery) -> tuple[Tile, ...]:
    time_range = time.time_range
    requests, tests = (
        combined(point.statistics for point in data.requests),
        combined(point.statistics for point in data.tests),
    )
    failed = timeline_series(data.requests, time_range, "failed", "error", lambda statistics: statistics.failed)
    average = timeline_series(data.requests, time_range, "average", "blue", lambda statistics: statistics.average_ms)
    calls = timeline_series(data.requests, time_range, "requests", "blue", lambda statistics: statistics.calls)
    passed = timeline_series(data.tests, time_range, "passed", "ok", lambda statistics: 100 - statistics.failed_percent)
    failures, slow = (InvestigationQuery(path, time).at(path).link for path in ("/failures", "/performance"))
    a_minute = requests.calls * _MINUTE_US / time_range.duration_us
    return (
        Tile(
            "Failed requests",
            count(requests.failed),
            f"{percent(requests.failed_percent)} of {count(requests.calls)}",
            level(requests.failed_percent),
            bar_chart(
                time_range,
                (failed,),
                COUNTS,
                label="Failed requests",
                empty_text="no failed requests",
                height_px=_TILE_HEIGHT_PX,
            ),
            failures,
            "Investigate failures",
        ),
        Tile(
            "Server response time",
            duration(requests.average_ms),
            "average",
            Level.OK,
            line_chart(
                time_range,
                (average,),
                DURATIONS,
                label="Server response time",
                empty_text="no requests",
                height_px=_TILE_HEIGHT_PX,
            ),
            slow,
            "Investigate performance",
        ),
        Tile(
            "Request rate",
            f"{count(round(a_minute)) if a_minute >= 10 else format(a_minute, '.1f')} / min",  # noqa: PLR2004 - three digits
            f"{count(requests.calls)} requests",
            Level.OK,
            bar_chart(
                time_range,
                (calls,),
                COUNTS,
                label="Server requests",
                empty_text="no requests",
                height_px=_TILE_HEIGHT_PX,
            ),
            slow,
            "Investigate performance",
        ),
        Tile(
            "Availability",
            percent(100 - tests.failed_percent) if tests.calls else "\N{EN DASH}",
            f"{count(tests.calls)} tests" if tests.calls else "no availability tests",
            level(tests.failed_percent),
            line_chart(
                time_range,
                (passed,),
                PERCENTAGES,
                label="Availability",
                empty_text="no availability tests",
                height_px=_TILE_HEIGHT_PX,
            ),
            f"/search?{urlencode({**time.parameters, 'type': ItemType.AVAILABILITY_RESULT})}",
            "Search results",
        ),
    )


def _worst_first(groups: Sequence[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (-group.statistics.failed_percent, -group.statistics.calls))


def _role_line(group: Group, time: TimeQuery) -> RoleLine:
    role = group.selection.role or ""
    page = replace(InvestigationQuery("/failures", time), role=role)
    return RoleLine(
        role=role,
        statistics=group.statistics,
        p95_ms=group.statistics.percentile_ms(0.95),
        level=level(group.statistics.failed_percent),
        map_link=map_link(time, role_id(role)),
        performance_link=page.at("/performance").link,
        failures_link=page.at("/failures").link,
    )
