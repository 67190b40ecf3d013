"""Items that a client sends again are stored once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import pytest

from local_insights.model.item import Item
from local_insights.store.contract import Store
from local_insights.store.identity import RequestItems
from support.items import EMPTY_ITEM, NOON_US, all_items, call, request

SPANS = [request("echo", f"c{number}", time_us=NOON_US + number) for number in range(6)]
LINE = EMPTY_ITEM._replace(message="stored")


def append(store: Store, items: Sequence[Item], request_items: RequestItems | None = None) -> Sequence[Item]:
    return anyio.run(store.append, items, request_items)


def test_items_sent_again_in_other_groups_are_stored_once(store: Store) -> None:
    assert append(store, SPANS[:2]) == SPANS[:2]
    assert append(store, SPANS[2:4]) == SPANS[2:4]
    assert append(store, SPANS[1:]) == SPANS[4:]
    assert append(store, SPANS) == []
    assert all_items(store) == SPANS


def test_item_that_occurs_twice_in_a_request_is_stored_once(store: Store) -> None:
    assert append(store, [SPANS[0], SPANS[1], SPANS[0]]) == SPANS[:2]
    assert all_items(store) == SPANS[:2]


def test_copy_may_differ_in_fields_that_do_not_identify_an_item(store: Store) -> None:
    append(store, SPANS[:1])
    assert append(store, [SPANS[0]._replace(duration_us=5, success=False)]) == []
    assert all_items(store) == SPANS[:1]


@pytest.mark.parametrize(
    "difference",
    [{"time_us": NOON_US + 9}, {"item_type": "dependency"}, {"role": "storage"}, {"operation_id": "o"}, {"id": "d"}],
)
def test_item_that_differs_in_one_identifying_field_is_stored(store: Store, difference: dict[str, object]) -> None:
    other = SPANS[0]._replace(**difference)  # type: ignore[arg-type]
    append(store, SPANS[:1])
    assert append(store, [other]) == [other]


def test_copies_that_wait_at_the_same_time_are_stored_once(store: Store) -> None:
    stored: list[Item] = []

    async def append_all() -> None:
        async def append_one() -> None:
            stored.extend(await store.append([*SPANS, LINE]))

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(append_one)

    anyio.run(append_all)
    assert stored == [*SPANS, LINE]
    assert all_items(store) == [*SPANS, LINE]


def test_equal_items_without_an_id_are_stored_once_per_request(store: Store) -> None:
    assert append(store, [LINE, LINE]) == [LINE, LINE]
    assert append(store, [LINE, LINE, LINE]) == []
    assert all_items(store) == [LINE, LINE]


@pytest.mark.parametrize("field", [field for field in Item._fields if field not in ("id", "time_us")])
def test_item_without_an_id_is_a_copy_only_if_all_fields_are_equal(store: Store, field: str) -> None:
    different = "other" if isinstance(getattr(LINE, field), str) else field == "success" or 7
    other = LINE._replace(**{field: different})  # type: ignore[arg-type]
    append(store, [LINE])
    assert append(store, [other, LINE]) == [other]
    assert append(store, [other]) == []


def test_request_in_several_calls_is_one_request(store: Store) -> None:
    first, second = RequestItems(), RequestItems()
    for part in ([LINE, SPANS[0]], [LINE, SPANS[0]], [LINE]):
        append(store, part, first)
    for part in ([LINE, SPANS[0]], [LINE], [LINE]):
        assert append(store, part, second) == []
    assert all_items(store) == [LINE, SPANS[0], LINE, LINE]


def test_deleted_items_are_stored_when_they_are_sent_again(store: Store) -> None:
    append(store, [*SPANS, LINE])
    store.delete_before(NOON_US + 3)
    assert append(store, [*SPANS, LINE]) == [*SPANS[:3], LINE]


def test_copies_are_recognized_by_the_next_process(open_store: Callable[[Path], Store], tmp_path: Path) -> None:
    store = open_store(tmp_path)
    if not store.is_durable:
        store.close()
        return
    day_us = 86_400_000_000
    items = [*SPANS, LINE, LINE, *(call("echo", f"b{days}", time_us=NOON_US + days * day_us) for days in (-900, 9000))]
    append(store, items)
    store.close()
    again = open_store(tmp_path)
    assert append(again, items[3:]) == []
    assert append(again, [*items, new := call("echo", "new")]) == [new]
    assert all_items(again) == [*items, new]
    again.close()
