"""The data of the page Performance."""

from dataclasses import dataclass

from local_insights.model.item import Item
from local_insights.model.selection import Groups, SampleOrder, TimelinePoint
from local_insights.model.statistics import CallStatistics, combined
from local_insights.portal.charts.duration_histogram import PERCENTILES
from local_insights.portal.charts.time_chart import STEPS
from local_insights.portal.investigate.call_table import GROUP_ORDERS, MOST_ROWS
from local_insights.portal.investigate.query import GROUPED_BY, InvestigationQuery
from local_insights.portal.investigate.samples import MOST_SAMPLES
from local_insights.store.contract import SelectionReader


@dataclass(frozen=True, slots=True)
class Performance:
    """The groups of the tab, and the details of the selected row.

    Attributes:
        groups: the rows of the table.
        trend: the calls of the selected row over time.
        selected: the calls of the selected row.
        within: those of them whose duration is in the selected range.
        samples: single calls of `within`.
    """

    groups: Groups
    trend: tuple[TimelinePoint, ...]
    selected: CallStatistics
    within: CallStatistics
    samples: tuple[Item, ...]


def performance(store: SelectionReader, query: InvestigationQuery) -> Performance:
    """Query the store. Blocks.

    Raises:
        QueryTimeoutError: a query exceeded the store's time limit.
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
