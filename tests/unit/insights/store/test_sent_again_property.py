"""Property tests: random requests with copies, in parts, are stored as the reference in plain loops defines."""

import itertools
from collections.abc import Sequence

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.item import Item
from local_insights.store.contract import Store
from local_insights.store.duckdb.recent_items import RecentItems
from local_insights.store.identity import RequestItems
from support.items import EMPTY_ITEM, HOUR_US, NOON_US, all_items

Request = list[list[Item]]
"""The parts of a request."""

ITEMS = st.builds(
    lambda time, **fields: EMPTY_ITEM._replace(time_us=time, **fields),
    time=st.integers(0, 2),
    id=st.sampled_from(["", "", "a", "b"]),
    item_type=st.sampled_from(["request", "trace"]),
    operation_id=st.sampled_from(["o", "p"]),
    message=st.sampled_from(["", "stored"]),
    value=st.sampled_from([None, 0.0, 1.5]),
)
REQUESTS = st.lists(st.lists(st.lists(ITEMS, max_size=5), min_size=1, max_size=3), max_size=6)


def expected_items(requests: Sequence[Request]) -> list[Item]:
    """Return the stored items: the definition of a copy in plain loops."""
    stored: list[Item] = []
    for request in requests:
        earlier = list(stored)
        for item in itertools.chain.from_iterable(request):
            if item.id:
                key = (item.operation_id, item.id, item.item_type, item.role, item.time_us)
                copies = [s for s in stored if (s.operation_id, s.id, s.item_type, s.role, s.time_us) == key]
            else:
                copies = [s for s in earlier if s == item]
            if not copies:
                stored.append(item)
    return stored


def test_stored_items_equal_the_reference(shared_store: Store) -> None:
    positions = itertools.count()

    @settings(max_examples=40)
    @given(REQUESTS)
    def check(requests: list[Request]) -> None:
        shift_us = NOON_US + next(positions) * HOUR_US
        moved = [
            [[item._replace(time_us=item.time_us + shift_us) for item in part] for part in request]
            for request in requests
        ]
        returned: list[Item] = []
        before = shared_store.latest_row()

        async def append_all() -> None:
            for request in moved:
                request_items = RequestItems()
                for part in request:
                    returned.extend(await shared_store.append(part, request_items))

        anyio.run(append_all)
        stored = [item for item in all_items(shared_store) if shift_us <= item.time_us < shift_us + HOUR_US]
        assert stored == returned == expected_items(moved)
        assert shared_store.latest_row() - before == len(returned)

    check()


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(0, 60), max_size=30), max_size=20))
def test_recent_items_never_miss_an_item_of_the_window(groups: list[list[int]]) -> None:
    recent = RecentItems(first_slots=64, max_slots=256)
    added: list[int] = []
    for group in groups:
        items = [EMPTY_ITEM._replace(id=f"{number}") for number in group]
        possible = {item.id for item in recent.add(items, -1, 2**62)}
        assert possible >= {f"{number}" for number in group if number in added[-16:]}
        added += group


def test_recent_items_report_items_outside_of_the_range() -> None:
    recent = RecentItems()
    items = [EMPTY_ITEM._replace(id=f"{time_us}", time_us=time_us) for time_us in range(10)]
    assert [item.time_us for item in recent.add(items, 2, 8)] == [0, 1, 2, 8, 9]
