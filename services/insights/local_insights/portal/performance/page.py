"""The template context of the page Performance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from local_insights.model.statistics import CallStatistics
from local_insights.portal.charts.axis import COUNTS, DURATIONS
from local_insights.portal.charts.duration_histogram import ALL_DURATIONS, PERCENTILES, duration_histogram
from local_insights.portal.charts.time_chart import bar_chart, line_chart, timeline_series
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.investigate.call_table import CallTable, call_table
from local_insights.portal.investigate.choices import role_choices, tab_links
from local_insights.portal.investigate.query import SAMPLE_CHOICES, InvestigationQuery, Sort
from local_insights.portal.investigate.samples import SampleRow, sample_rows
from local_insights.portal.page_layout import Choice, PageLayout
from local_insights.portal.performance.data import Performance

COLUMNS: tuple[Sort, ...] = ("name", "calls", "average", "p50", "p95", "p99", "total", "share")
_CALLS_HEIGHT_PX = 36


@dataclass(frozen=True, slots=True)
class PerformancePage:
    """The page `/performance`.

    `selected` are the calls of the selected row, `within` those of them in the selected range of durations;
    `percentiles` are those of `within`, by name. `durations` and `calls` are charts over time.
    """

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
        """The address of this page with calls of all durations."""
        return replace(self.query, durations=ALL_DURATIONS).link


def performance_page(
    data: Performance,
    roles: Sequence[str],
    query: InvestigationQuery,
    layout: PageLayout,
    empty: EmptyState | None,
) -> PerformancePage:
    """Return the context for the data; `roles` are those with telemetry in the time range."""
    time_range = query.time.time_range
    p95 = timeline_series(data.trend, time_range, "p95", "orange", lambda statistics: statistics.percentile_ms(0.95))
    p50 = timeline_series(data.trend, time_range, "p50", "blue", lambda statistics: statistics.percentile_ms(0.5))
    calls = timeline_series(data.trend, time_range, "calls", "edge", lambda statistics: statistics.calls)
    return PerformancePage(
        layout=layout,
        query=query,
        tabs=tab_links(query),
        roles=role_choices(roles, query),
        table=call_table(data.groups, query, COLUMNS),
        selected=data.selected,
        within=data.within,
        percentiles={name: data.within.percentile_ms(share) for name, share in PERCENTILES.items()},
        durations=line_chart(time_range, (p95, p50), DURATIONS, label=f"Duration of {query.label}"),
        calls=bar_chart(time_range, (calls,), COUNTS, label=f"Calls of {query.label}", height_px=_CALLS_HEIGHT_PX),
        histogram=duration_histogram(data.selected, query.durations, label=f"Durations of {query.label}"),
        sample_choices=tuple(
            Choice(replace(query, samples=choice).link, choice, choice == (query.samples or SAMPLE_CHOICES[0]))
            for choice in SAMPLE_CHOICES
        ),
        samples=sample_rows(data.samples),
        empty=empty,
    )
