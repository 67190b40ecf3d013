"""Clock skew. Every test changes one clock of the example trace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.item import Item
from local_insights.model.transaction import Transaction, TransactionItem, transaction
from support.example_operation import (
    ECHO,
    ENTRY,
    INSERT,
    LOG,
    OPERATION,
    STORAGE,
    TO_ECHO,
    TO_STORAGE,
    TRACE,
    dependency,
    request,
)


def built(*items: Item) -> Transaction:
    whole = transaction(OPERATION, items)
    assert whole is not None
    return whole


def late(item: Item, by_ms: float) -> Item:
    """Return the item as timestamped by a clock that is `by_ms` ahead."""
    return item._replace(time_us=item.time_us + round(by_ms * 1000))


def positions(whole: Transaction) -> dict[str, tuple[float, float]]:
    """Return `offset_ms` and `clock_shift_ms` of every item."""
    return {item.id or item.message or "": (item.offset_ms, item.clock_shift_ms) for item in whole.items}


def test_clocks_that_agree_are_not_corrected() -> None:
    whole = built(*TRACE)
    assert {shift for _, shift in positions(whole).values()} == {0}
    assert whole.notes == ()


@pytest.mark.parametrize("by_ms", [4_200, -4_200, 30, -30])
def test_request_outside_its_call_is_moved_to_the_middle_with_its_subtree(by_ms: float) -> None:
    whole = built(ENTRY, TO_ECHO, ECHO, TO_STORAGE, *(late(item, by_ms) for item in (STORAGE, LOG, INSERT)))
    shown = positions(whole)
    assert shown["s1"] == pytest.approx((12.5, 0.5 - by_ms))
    assert shown["q1"] == pytest.approx((15.5, 0.5 - by_ms))
    assert shown["about to insert"] == pytest.approx((14.5, 0.5 - by_ms))
    assert {shown[name] for name in ("f1", "d1", "e1", "d2")} == {(0, 0), (1, 0), (2, 0), (10, 0)}
    assert (whole.duration_ms, [item.depth for item in whole.items]) == (40, [0, 1, 2, 1, 2, 3, 3])


def test_note_names_the_clock_and_the_correction() -> None:
    (note,) = built(ENTRY, TO_STORAGE, late(STORAGE, 4_200.5)).notes
    assert note == (
        "The clock of storage (vm) differs from the clocks of its callers: 1 item is shown 4,200.0 ms earlier."
    )


def test_start_time_is_as_sent() -> None:
    skewed = late(STORAGE, 4_200)
    (storage,) = (item for item in built(ENTRY, TO_STORAGE, skewed).items if item.id == "s1")
    assert storage.start_time.timestamp() * 1e6 == pytest.approx(skewed.time_us)


def test_requests_of_one_clock_have_the_same_correction() -> None:
    again = dependency("frontend", "d3", "f1", 36, 3)
    callee = request("storage", "s2", "d3", 36.5, 1)
    shown = positions(built(ENTRY, TO_STORAGE, late(STORAGE, 900), again, late(callee, 900)))
    assert shown["s1"] == (12.5, -899.5)
    assert shown["s2"] == (37, -899.5)


def test_callee_is_corrected_relative_to_the_corrected_caller() -> None:
    onwards = dependency("storage", "d9", "s1", 16, 8)
    archive = request("archive", "a1", "d9", 18, 4)
    shown = positions(built(ENTRY, TO_STORAGE, late(STORAGE, 500), late(onwards, 500), archive))
    assert shown["d9"] == (16.5, -499.5)
    assert shown["a1"] == (18, 0)


def test_instance_that_calls_itself_has_one_clock() -> None:
    shown = positions(built(ENTRY, TO_ECHO, late(request("frontend", "f2", "d1", 2, 4), 300)))
    assert shown["f2"] == (302, 0)


def test_each_instance_of_a_role_has_its_own_clock() -> None:
    other = late(request("frontend", "f2", "d1", 2, 4), 300)._replace(role_instance="other")
    assert positions(built(ENTRY, TO_ECHO, other))["f2"] == (2, -300)


def test_queue_message_may_be_processed_after_the_call() -> None:
    sent = TO_STORAGE._replace(dependency_type="Queue Message | Azure Service Bus", duration_us=2_000)
    assert positions(built(ENTRY, sent, late(STORAGE, 3_000)))["s1"] == (3_012, 0)


def test_request_may_end_after_a_failed_call() -> None:
    failed = TO_STORAGE._replace(success=False)
    late_end = STORAGE._replace(time_us=STORAGE.time_us + 20_000)
    assert positions(built(ENTRY, failed, late_end))["s1"] == (32, 0)
    assert positions(built(ENTRY, TO_STORAGE, late_end))["s1"] == (12.5, -19.5)


def test_request_longer_than_its_call_may_end_after_it() -> None:
    streaming = STORAGE._replace(duration_us=90_000)
    assert positions(built(ENTRY, TO_STORAGE, streaming))["s1"] == (12, 0)


def test_request_longer_than_its_call_is_moved_to_the_start_of_the_call() -> None:
    streaming = late(STORAGE._replace(duration_us=90_000), -700)
    assert positions(built(ENTRY, TO_STORAGE, streaming))["s1"] == (10, 698)


@pytest.mark.parametrize(("by_ms", "is_corrected"), [(-2.9, False), (-3.5, True), (12.9, False), (14, True)])
def test_differences_within_the_tolerances_are_not_corrected(by_ms: float, *, is_corrected: bool) -> None:
    assert (positions(built(ENTRY, TO_STORAGE, late(STORAGE, by_ms)))["s1"][1] != 0) is is_corrected


def test_items_without_a_parent_use_the_correction_of_their_clock() -> None:
    lost = late(LOG._replace(parent_id="lost"), 900)
    early = late(LOG._replace(parent_id="", time_us=ENTRY.time_us - 5_000, message="starting"), 900)
    shown = positions(built(ENTRY, TO_STORAGE, late(STORAGE, 900), lost, early))
    del shown["f1"], shown["d2"]
    assert shown == {"starting": (0, -899.5), "s1": (17, -899.5), "about to insert": (19, -899.5)}


def test_siblings_are_ordered_by_corrected_time() -> None:
    retry = late(request("storage", "s2", "d2", 11, 0.5), 600)._replace(role_instance="other")
    ids = [item.id for item in built(ENTRY, TO_STORAGE, STORAGE, retry).items]
    assert ids == ["f1", "d2", "s1", "s2"]


@given(st.integers(-10_000_000, 10_000_000), st.integers(-10_000_000, 10_000_000))
def test_requests_start_within_their_calls_property(echo_us: int, storage_us: int) -> None:
    whole = built(
        ENTRY,
        TO_ECHO,
        late(ECHO, echo_us / 1000),
        TO_STORAGE,
        *(late(item, storage_us / 1000) for item in (STORAGE, LOG, INSERT)),
    )
    by_id: dict[str, TransactionItem] = {item.id: item for item in whole.items if item.id}
    for call, callee in (("d1", "e1"), ("d2", "s1")):
        begin_ms = by_id[call].offset_ms
        assert begin_ms - 1 <= by_id[callee].offset_ms <= begin_ms + (by_id[call].duration_ms or 0) + 1
    assert by_id["q1"].offset_ms - by_id["s1"].offset_ms == pytest.approx(3)
