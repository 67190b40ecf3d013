"""The data of the page Failures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import Failure, Groups, TimelinePoint
from local_insights.model.statistics import CallStatistics, combined
from local_insights.model.summaries import ItemCounts
from local_insights.portal.charts.time_chart import STEPS
from local_insights.portal.investigate.call_table import GROUP_ORDERS, MOST_ROWS
from local_insights.portal.investigate.query import GROUPED_BY, InvestigationQuery
from local_insights.portal.investigate.samples import MOST_SAMPLES
from local_insights.store.contract import SelectionReader


@dataclass(frozen=True, slots=True)
class Failures:
    """The groups of the tab, and the details of the selected row.

    Attributes:
        item_counts: items and failed items of each type, for the tiles.
        groups: the rows of the table.
        trend: the calls of the selected row over time.
        selected: the calls of the selected row.
        co_occurring: the failures in the operations to which the failures of the selected row belong, including those.
        samples: single failures of the selected row.
    """

    item_counts: Mapping[ItemType, ItemCounts]
    groups: Groups
    trend: tuple[TimelinePoint, ...]
    selected: CallStatistics
    co_occurring: tuple[Failure, ...]
    samples: tuple[Item, ...]


def failures(store: SelectionReader, query: InvestigationQuery) -> Failures:
    """Query the store. Blocks.

    Raises:
        QueryTimeoutError: a query exceeded the store's time limit.
    """
    time_range = query.time.time_range
    by, order = GROUPED_BY[query.tab], GROUP_ORDERS.get(query.sort, "failed")
    selected = query.selected
    trend = store.trend(selected, time_range, STEPS, percentiles=False)
    return Failures(
        item_counts=store.item_counts(time_range, query.role),
        groups=store.groups(query.everything, by, time_range, order=order, limit=MOST_ROWS, percentiles=False),
        trend=tuple(trend),
        selected=combined(point.statistics for point in trend),
        co_occurring=tuple(store.co_occurring_failures(selected, time_range)),
        samples=tuple(store.samples(replace(selected, failed_only=True), time_range, MOST_SAMPLES)),
    )
