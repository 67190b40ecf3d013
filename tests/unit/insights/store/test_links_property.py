"""Property tests: the rows of random traces equal those of the reference in plain loops."""

import itertools

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.call_rows import LinkRow
from local_insights.model.item import Item, ItemType
from local_insights.model.time_range import TimeRange
from local_insights.store.contract import Store
from local_insights.store.identity import identity
from support.items import EMPTY_ITEM, HOUR_US, NOON_US, SECOND_US
from support.linking_reference import expected_call_rows

IDS = [f"{number:016x}" for number in range(1, 9)]
APPLICATION = "7e1b5a0e-4a54-5d0f-8f7e-0f0f0f0f0f0"
SOURCES = ["", "roleName:echo", f"cid-v1:{APPLICATION}1", f"cid-v1:{APPLICATION}2 | roleName:echo", "queue/orders"]
TARGETS = [
    "",
    "",
    '{"target":"http://host:80/x"}',
    *(f'{{"target":"host:80 | cid-v1:{APPLICATION}{n}"}}' for n in "12"),
]
APART_US = 24 * HOUR_US
"""Distance of two examples in one store, larger than any margin."""


@st.composite
def traces(draw: st.DrawFn) -> list[Item]:
    """Items of three roles, two operations and up to three applications.

    Parents are any span, none, or missing; some ids are of several spans; some items are stored twice.
    """
    keys = draw(st.sampled_from([["key1"], ["", "key1"], ["key1", "key2"], ["", "key1", "key2"]]))
    items = []
    for span in IDS[: draw(st.integers(1, len(IDS)))]:
        kind = draw(st.sampled_from([ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.DEPENDENCY, ItemType.PAGE_VIEW]))
        types = st.sampled_from(["HTTP", "MySQL", "INPROC", "InProc", "InProc | Microsoft.EventHub"])
        item = EMPTY_ITEM._replace(
            item_type=kind,
            time_us=NOON_US + draw(st.integers(0, HOUR_US - 2) | st.integers(HOUR_US - 20 * SECOND_US, HOUR_US - 2)),
            item_count=draw(st.integers(1, 3)),
            role=draw(st.sampled_from(["echo", "frontend", "storage"])),
            role_instance=draw(st.sampled_from(["vm1", "vm2"])),
            operation_id=draw(st.sampled_from(["trace1", "trace1", "trace1", "trace2", ""])),
            id=draw(st.sampled_from([span, span, span, IDS[0], "", "trace1"])),
            parent_id=draw(st.sampled_from([*IDS, "", "", "missing", "trace1"])),
            duration_us=draw(st.none() | st.integers(0, 10**9)),
            success=draw(st.booleans()),
            dependency_type=draw(types) if kind == ItemType.DEPENDENCY else "",
            target=draw(st.sampled_from(["db", "host:80"])) if kind == ItemType.DEPENDENCY else "",
            sent_json=draw(st.sampled_from(TARGETS)) if kind == ItemType.DEPENDENCY else "",
            source=draw(st.sampled_from(SOURCES)) if kind == ItemType.REQUEST else "",
            instrumentation_key=draw(st.sampled_from(keys)),
        )
        items += [item._replace(time_us=item.time_us + copy) for copy in range(draw(st.sampled_from([1, 1, 1, 2])))]
        if kind == ItemType.DEPENDENCY and draw(st.integers(0, 3)) == 0:
            items.append(item._replace(item_type=ItemType.REQUEST, role="storage", dependency_type="", target=""))
    different = {identity(item): item for item in items}  # a store stores one of several with the same identity
    return draw(st.permutations(list(different.values())))


def is_unserved(link: LinkRow) -> bool:
    """Return True if an application id could identify the callee."""
    return link.target_role is None and link.dependency_type == "HTTP"


def test_call_rows_equal_the_reference(shared_store: Store) -> None:
    positions = itertools.count()

    @settings(max_examples=60)
    @given(traces())
    def check(items: list[Item]) -> None:
        shift_us = next(positions) * APART_US
        moved = [item._replace(time_us=item.time_us + shift_us) for item in items]
        anyio.run(shared_store.append, moved)
        start_us = NOON_US + shift_us
        rows = shared_store.call_rows(TimeRange(start_us, start_us + HOUR_US))
        expected = expected_call_rows(moved, start_us + HOUR_US)
        assert (rows.roles, rows.links) == (expected.roles, expected.links)
        assert (rows.instances, rows.components) == (expected.instances, expected.components)
        assert (rows.root_requests, rows.missing_parents) == (expected.root_requests, expected.missing_parents)
        assert [row.first_us for row in rows.links] == [row.first_us for row in expected.links]
        assert rows.addresses == (expected.addresses if any(map(is_unserved, rows.links)) else ())
        assert rows.keys == (expected.keys if rows.addresses or any(row.source for row in rows.missing_parents) else ())

    check()
