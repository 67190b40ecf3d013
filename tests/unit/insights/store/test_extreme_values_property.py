"""Property test: sums of the largest weights and durations that ingestion accepts are exact in every query."""

from collections.abc import Iterable

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.ingest.values import MAX_DURATION_US, MAX_ITEM_COUNT
from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import Search
from local_insights.model.selection import Selection
from local_insights.model.statistics import CallStatistics
from local_insights.model.summaries import ItemCounts
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from support.items import HOUR_US, NOON_US, call, in_process, item, request

HOUR = TimeRange(NOON_US, NOON_US + HOUR_US)
WEIGHTS = st.sampled_from([1, MAX_ITEM_COUNT - 1, MAX_ITEM_COUNT])
DURATIONS_US = st.sampled_from([None, 0, 1, MAX_DURATION_US - 1, MAX_DURATION_US])
EXTREMES = st.tuples(WEIGHTS, DURATIONS_US, st.booleans())


@st.composite
def applications(draw: st.DrawFn) -> list[Item]:
    """Items of every kind that the queries sum, with calls that are served directly or over an in-process span."""
    found: list[Item] = []
    for number in range(draw(st.integers(1, 4))):
        items = [
            call("web", f"c{number}"),
            request("api", f"r{number}", f"c{number}"),
            request("api", f"root{number}"),
            request("api", f"m{number}", "missing", source="roleName:other"),
            call("web", f"e{number}", target="external"),
            item(item_type=ItemType.PAGE_VIEW, role="browser", id=f"p{number}"),
            item(item_type=ItemType.AVAILABILITY_RESULT, name="ping", id=f"a{number}"),
        ]
        if draw(st.booleans()):
            items += [in_process("web", f"i{number}", f"c{number}"), request("db", f"d{number}", f"i{number}")]
        for one in items:
            weight, duration_us, success = draw(EXTREMES)
            found.append(one._replace(item_count=weight, duration_us=duration_us, success=success))
    return found


def sums(items: Iterable[Item]) -> tuple[int, int, int]:
    """Return the weighted calls, failures and duration of items."""
    items = list(items)
    return (
        sum(one.item_count for one in items),
        sum(one.item_count for one in items if not one.success),
        sum(one.item_count * (one.duration_us or 0) for one in items),
    )


def measured(statistics: Iterable[CallStatistics]) -> tuple[int, int, int]:
    """Return the sums of statistics, and check that their derived values can be computed."""
    statistics = list(statistics)
    for one in statistics:
        assert (one.average_ms or 0) <= MAX_DURATION_US / 1000
        assert (one.percentile_ms(0.95) or 0) <= 1.02 * MAX_DURATION_US / 1000
    return (
        sum(one.calls for one in statistics),
        sum(one.failed for one in statistics),
        sum(one.duration_us for one in statistics),
    )


def test_sums_of_extreme_weights_and_durations_are_exact(store: Store) -> None:
    @settings(max_examples=25)
    @given(applications())
    def check(items: list[Item]) -> None:
        store.delete_before(2 * NOON_US)
        anyio.run(store.append, items)
        requests = [one for one in items if one.item_type == ItemType.REQUEST]
        calls = [one for one in items if one.dependency_type == "HTTP"]

        rows = store.call_rows(HOUR)
        assert measured(row.statistics for row in rows.roles) == sums(requests)
        assert measured(row.statistics for row in rows.instances if row.role != "web") == sums(requests)
        assert measured(row.statistics for row in rows.root_requests) == sums(
            one for one in requests if not one.parent_id
        )
        remote = [row for row in rows.links if row.dependency_type == "HTTP"]
        assert measured(row.statistics for row in remote) == sums(calls)
        assert measured(row.statistics for row in rows.missing_parents if row.source) == sums(
            one for one in items if one.source
        )
        for row_statistics, item_type in (
            ([row.statistics for row in rows.page_views], ItemType.PAGE_VIEW),
            ([row.statistics for row in rows.availability], ItemType.AVAILABILITY_RESULT),
        ):
            assert measured(row_statistics) == sums(one for one in items if one.item_type == item_type)

        selection = Selection(ItemType.REQUEST)
        groups = store.groups(selection, ["role"], HOUR, order="duration", limit=10)
        assert measured(group.statistics for group in groups.first) == sums(requests)
        assert measured(point.statistics for point in store.trend(selection, HOUR, 7)) == sums(requests)
        assert store.item_counts(HOUR)[ItemType.REQUEST] == ItemCounts(*sums(requests)[:2])
        assert sum(failure.items for failure in store.co_occurring_failures(selection, HOUR)) >= sums(requests)[1]
        assert store.search_counts(Search(HOUR), 7).events == sums(items)[0]

    check()
