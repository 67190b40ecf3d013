"""The page `/performance`: which operations, dependencies and roles are slow, and how slow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from local_insights.model.selection import Groups, Sample, SampleOrder, TimelinePoint
from local_insights.model.statistics import CallStatistics, combined
from local_insights.portal.charts.axis import COUNTS, DURATIONS
from local_insights.portal.charts.duration_histogram import ALL_DURATIONS, PERCENTILES, duration_histogram
from local_insights.portal.charts.time_chart import STEPS, bar_chart, line_chart, timeline_series
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.investigate.call_table import GROUP_ORDERS, MOST_ROWS, CallTable, call_table
from local_insights.portal.investigate.page_layout import investigation_layout, role_choices, tab_links
from local_insights.portal.investigate.query import GROUPED_BY, SAMPLE_CHOICES, InvestigationQuery, Sort
from local_insights.portal.investigate.samples import MOST_SAMPLES, SampleRow, sample_rows
from local_insights.portal.page_layout import Choice, PageLayout
from local_insights.store.contract import Store

COLUMNS: tuple[Sort, ...] = ("name", "calls", "average", "p50", "p95", "p99", "total", "share")
_CALLS_HEIGHT_PX = 36


@dataclass(frozen=True, slots=True)
class Performance:
    """What the store says to one question for performance.

    `selected` are the calls of the selected row, `within` those of them that took as long as is selected; `trend` is of
    all of the selected row.
    """

    groups: Groups
    trend: tuple[TimelinePoint, ...]
    selected: CallStatistics
    within: CallStatistics
    samples: tuple[Sample, ...]


def performance(store: Store, query: InvestigationQuery) -> Performance:
    """Ask the store. Blocks on its answers.

    Raises:
        QueryTimeoutError: the store could not answer within its limit.
    """
    time_range = query.time.time_range
    by, order = GROUPED_BY[query.tab], GROUP_ORDERS.get(query.sort, "duration")
    trend = store.trend(query.selected, time_range, STEPS)
    selected = within = combined(point.statistics for point in trend)
    if query.is_narrowed:
        within = combined(point.statistics for point in store.trend(query.within, time_range, 1))
    return Performance(
        groups=store.groups(query.everything, by, time_range, order=order, limit=MOST_ROWS),
        trend=tuple(trend),
        selected=selected,
        within=within,
        samples=tuple(store.samples(query.within, time_range, MOST_SAMPLES, order=_order(query, within))),
    )


def _order(query: InvestigationQuery, within: CallStatistics) -> SampleOrder:
    if query.samples in PERCENTILES:
        return round(1000 * (within.percentile_ms(PERCENTILES[query.samples]) or 0))
    return "newest" if query.samples == "newest" else "slowest"


@dataclass(frozen=True, slots=True)
class PerformancePage:
    """The page `/performance`; `percentiles` are those of the calls within the selected durations, by name."""

    layout: PageLayout
    query: InvestigationQuery
    tabs: tuple[Choice, ...]
    roles: tuple[Choice, ...]
    table: CallTable
    selected: CallStatistics
    within: CallStatistics
    percentiles: dict[str, float | None]
    durations: Markup
    calls: Markup
    histogram: Markup
    sample_choices: tuple[Choice, ...]
    samples: tuple[SampleRow, ...]
    empty: EmptyState | None

    @property
    def all_durations_link(self) -> str:
        """The same with calls of all durations."""
        return replace(self.query, durations=ALL_DURATIONS).link


def performance_page(
    found: Performance, roles: Sequence[str], query: InvestigationQuery, empty: EmptyState | None
) -> PerformancePage:
    """Lay out what the store said."""
    time_range = query.time.time_range
    p95 = timeline_series(found.trend, time_range, "p95", "orange", lambda served: served.percentile_ms(0.95))
    p50 = timeline_series(found.trend, time_range, "p50", "blue", lambda served: served.percentile_ms(0.5))
    calls = timeline_series(found.trend, time_range, "calls", "edge", lambda served: served.calls)
    return PerformancePage(
        layout=investigation_layout("Performance", "performance", query),
        query=query,
        tabs=tab_links(query),
        roles=role_choices(roles, query),
        table=call_table(found.groups, query, COLUMNS),
        selected=found.selected,
        within=found.within,
        percentiles={name: found.within.percentile_ms(share) for name, share in PERCENTILES.items()},
        durations=line_chart(time_range, (p95, p50), DURATIONS, label=f"Duration of {query.label}"),
        calls=bar_chart(time_range, (calls,), COUNTS, label=f"Calls of {query.label}", height_px=_CALLS_HEIGHT_PX),
        histogram=duration_histogram(found.selected, query.durations, label=f"Durations of {query.label}"),
        sample_choices=tuple(
            Choice(replace(query, samples=choice).link, choice, choice == (query.samples or SAMPLE_CHOICES[0]))
            for choice in SAMPLE_CHOICES
        ),
        samples=sample_rows(found.samples),
        empty=empty,
    )
