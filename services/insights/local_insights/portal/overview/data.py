"""The data of the page Overview."""

from dataclasses import dataclass

from local_insights.http.query_params import TimeQuery
from local_insights.model.item import ItemType
from local_insights.model.selection import Group, Selection, TimelinePoint
from local_insights.portal.charts.time_chart import STEPS
from local_insights.portal.investigate.call_table import MOST_ROWS
from local_insights.store.contract import SelectionReader


@dataclass(frozen=True, slots=True)
class Overview:
    """Requests and availability tests over time, and requests by role."""

    requests: tuple[TimelinePoint, ...]
    tests: tuple[TimelinePoint, ...]
    roles: tuple[Group, ...]


def overview(store: SelectionReader, time: TimeQuery) -> Overview:
    """Query the store. Blocks.

    Raises:
        QueryTimeoutError: a query exceeded the store's time limit.
    """
    time_range = time.time_range
    requests, tests = Selection(ItemType.REQUEST), Selection(ItemType.AVAILABILITY_RESULT)
    return Overview(
        requests=tuple(store.trend(requests, time_range, STEPS, percentiles=False)),
        tests=tuple(store.trend(tests, time_range, STEPS, percentiles=False)),
        roles=store.groups(requests, ("role",), time_range, order="failed", limit=MOST_ROWS).first,
    )
