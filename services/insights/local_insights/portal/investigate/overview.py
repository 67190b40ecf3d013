"""The page `/overview`: how the application does as a whole, and which roles do worst."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from local_insights.http.query_params import TimeQuery
from local_insights.model.health import Level, level
from local_insights.model.item import ItemType
from local_insights.model.node_id import role_id
from local_insights.model.selection import Group, Selection, TimelinePoint
from local_insights.model.statistics import CallStatistics, combined
from local_insights.portal.charts.axis import COUNTS, DURATIONS, PERCENTAGES
from local_insights.portal.charts.time_chart import STEPS, bar_chart, line_chart, timeline_series
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.formats import count, duration, percent
from local_insights.portal.investigate.call_table import MOST_ROWS
from local_insights.portal.investigate.query import InvestigationQuery
from local_insights.portal.links import map_link
from local_insights.portal.page_layout import PageLayout
from local_insights.store.contract import Store

_TILE_HEIGHT_PX = 96
_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Overview:
    """What the store says of a time range: requests and availability tests over time, and requests by role."""

    requests: tuple[TimelinePoint, ...]
    tests: tuple[TimelinePoint, ...]
    roles: tuple[Group, ...]


def overview(store: Store, time: TimeQuery) -> Overview:
    """Ask the store. Blocks on its answers.

    Raises:
        QueryTimeoutError: the store could not answer within its limit.
    """
    time_range = time.time_range
    requests, tests = Selection(ItemType.REQUEST), Selection(ItemType.AVAILABILITY_RESULT)
    return Overview(
        requests=tuple(store.trend(requests, time_range, STEPS, percentiles=False)),
        tests=tuple(store.trend(tests, time_range, STEPS, percentiles=False)),
        roles=store.groups(requests, ("role",), time_range, order="failed", limit=MOST_ROWS).first,
    )


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, its course, and where to look further."""

    heading: str
    figure: str
    note: str
    level: Level
    chart: Markup
    link: str
    link_label: str


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role and how it does; the links lead on with the same time range."""

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
    twin: str
    empty: EmptyState | None


def overview_page(found: Overview, time: TimeQuery, empty: EmptyState | None) -> OverviewPage:
    """Lay out what the store said."""
    layout = PageLayout("Overview", "overview", "/overview", time)
    return OverviewPage(
        layout=layout,
        tiles=_tiles(found, time),
        roles=tuple(_role_line(group, time) for group in _worst_first(found.roles)),
        map_link=f"/map{layout.time_query_string}",
        twin=f"/overview.json{layout.time_query_string}",
        empty=empty,
    )


def _tiles(found: Overview, time: TimeQuery) -> tuple[Tile, ...]:
    time_range = time.time_range
    served, tested = (
        combined(point.statistics for point in found.requests),
        combined(point.statistics for point in found.tests),
    )
    failed = timeline_series(found.requests, time_range, "failed", "error", lambda step: step.failed)
    average = timeline_series(found.requests, time_range, "average", "blue", lambda step: step.average_ms)
    calls = timeline_series(found.requests, time_range, "requests", "blue", lambda step: step.calls)
    passed = timeline_series(found.tests, time_range, "passed", "ok", lambda step: 100 - step.failed_percent)
    failures, slow = (InvestigationQuery(path, time).at(path).link for path in ("/failures", "/performance"))
    a_minute = served.calls * _MINUTE_US / time_range.duration_us
    return (
        Tile(
            "Failed requests",
            count(served.failed),
            f"{percent(served.failed_percent)} of {count(served.calls)}",
            level(served.failed_percent),
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
            duration(served.average_ms),
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
            f"{count(served.calls)} requests",
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
            percent(100 - tested.failed_percent) if tested.calls else "\N{EN DASH}",
            f"{count(tested.calls)} tests" if tested.calls else "no availability tests",
            level(tested.failed_percent),
            line_chart(
                time_range,
                (passed,),
                PERCENTAGES,
                label="Availability",
                empty_text="no availability tests",
                height_px=_TILE_HEIGHT_PX,
            ),
            "",
            "",
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
