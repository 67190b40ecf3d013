"""Clocks that disagree. Every test takes the canonical trace and sets one clock wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.item import Item
from local_insights.model.transaction import Transaction, TransactionItem, transaction
from support.example_items import (
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
    """The item as a clock that is ahead by so much would time it."""
    return item._replace(time_us=item.time_us + round(by_ms * 1000))


def places(whole: Transaction) -> dict[str, tuple[float, float]]:
    """Where each item is shown, and by how much its clock was corrected."""
    return {item.id or item.message or "": (item.offset_ms, item.clock_shift_ms) for item in whole.items}


def test_clocks_that_agree_are_left_alone() -> None:
    whole = built(*TRACE)
    assert {shift for _, shift in places(whole).values()} == {0}
    assert whole.notes == ()


@pytest.mark.parametrize("by_ms", [4_200, -4_200, 30, -30])
def test_callee_outside_its_call_is_shown_in_the_middle_of_it_with_all_it_reports(by_ms: float) -> None:
    whole = built(ENTRY, TO_ECHO, ECHO, TO_STORAGE, *(late(item, by_ms) for item in (STORAGE, LOG, INSERT)))
    shown = places(whole)
    assert shown["s1"] == pytest.approx((12.5, 0.5 - by_ms))
    assert shown["q1"] == pytest.approx((15.5, 0.5 - by_ms))
    assert shown["about to insert"] == pytest.approx((14.5, 0.5 - by_ms))
    assert {shown[name] for name in ("f1", "d1", "e1", "d2")} == {(0, 0), (1, 0), (2, 0), (10, 0)}
    assert (whole.duration_ms, [item.depth for item in whole.items]) == (40, [0, 1, 2, 1, 2, 3, 3])


def test_correction_is_named_with_its_clock_and_amount() -> None:
    (note,) = built(ENTRY, TO_STORAGE, late(STORAGE, 4_200.5)).notes
    assert note == "The clock of storage (vm) does not agree with its callers': 1 item is shown 4,200.0 ms earlier."


def test_times_as_sent_are_kept() -> None:
    wrong = late(STORAGE, 4_200)
    (storage,) = (item for item in built(ENTRY, TO_STORAGE, wrong).items if item.id == "s1")
    assert storage.start_time.timestamp() * 1e6 == pytest.approx(wrong.time_us)


def test_second_request_of_a_wrong_clock_keeps_its_distance_from_the_first() -> None:
    again = dependency("frontend", "d3", "f1", 36, 3)
    answer = request("storage", "s2", "d3", 36.5, 1)
    shown = places(built(ENTRY, TO_STORAGE, late(STORAGE, 900), again, late(answer, 900)))
    assert shown["s1"] == (12.5, -899.5)
    assert shown["s2"] == (37, -899.5)


def test_callee_of_a_wrong_clock_is_corrected_from_where_its_caller_is_shown() -> None:
    onwards = dependency("storage", "d9", "s1", 16, 8)
    archive = request("archive", "a1", "d9", 18, 4)
    shown = places(built(ENTRY, TO_STORAGE, late(STORAGE, 500), late(onwards, 500), archive))
    assert shown["d9"] == (16.5, -499.5)
    assert shown["a1"] == (18, 0)


def test_instance_that_calls_itself_has_one_clock() -> None:
    shown = places(built(ENTRY, TO_ECHO, late(request("frontend", "f2", "d1", 2, 4), 300)))
    assert shown["f2"] == (302, 0)


def test_other_instance_of_the_same_role_has_a_clock_of_its_own() -> None:
    other = late(request("frontend", "f2", "d1", 2, 4), 300)._replace(role_instance="other")
    assert places(built(ENTRY, TO_ECHO, other))["f2"] == (2, -300)


def test_message_from_a_queue_is_handled_after_it_was_sent() -> None:
    sent = TO_STORAGE._replace(dependency_type="Queue Message | Azure Service Bus", duration_us=2_000)
    assert places(built(ENTRY, sent, late(STORAGE, 3_000)))["s1"] == (3_012, 0)


def test_call_that_was_given_up_does_not_say_when_its_request_ended() -> None:
    given_up = TO_STORAGE._replace(success=False)
    late_end = STORAGE._replace(time_us=STORAGE.time_us + 20_000)
    assert places(built(ENTRY, given_up, late_end))["s1"] == (32, 0)
    assert places(built(ENTRY, TO_STORAGE, late_end))["s1"] == (12.5, -19.5)


def test_request_that_is_longer_than_its_call_may_end_after_it() -> None:
    streaming = STORAGE._replace(duration_us=90_000)
    assert places(built(ENTRY, TO_STORAGE, streaming))["s1"] == (12, 0)


def test_request_that_is_longer_than_its_call_begins_with_it_when_it_cannot_begin_where_it_says() -> None:
    streaming = late(STORAGE._replace(duration_us=90_000), -700)
    assert places(built(ENTRY, TO_STORAGE, streaming))["s1"] == (10, 698)


@pytest.mark.parametrize(("by_ms", "is_corrected"), [(-2.9, False), (-3.5, True), (12.9, False), (14, True)])
def test_grain_of_clocks_and_what_a_server_does_after_it_answered_are_no_disagreement(
    by_ms: float, *, is_corrected: bool
) -> None:
    assert (places(built(ENTRY, TO_STORAGE, late(STORAGE, by_ms)))["s1"][1] != 0) is is_corrected


def test_what_hangs_below_nothing_is_corrected_by_what_was_found_of_its_clock_elsewhere() -> None:
    lost = late(LOG._replace(parent_id="lost"), 900)
    early = late(LOG._replace(parent_id="", time_us=ENTRY.time_us - 5_000, message="starting"), 900)
    shown = places(built(ENTRY, TO_STORAGE, late(STORAGE, 900), lost, early))
    del shown["f1"], shown["d2"]
    assert shown == {"starting": (0, -899.5), "s1": (17, -899.5), "about to insert": (19, -899.5)}


def test_siblings_are_in_the_order_in_which_they_are_shown() -> None:
    retry = late(request("storage", "s2", "d2", 11, 0.5), 600)._replace(role_instance="other")
    ids = [item.id for item in built(ENTRY, TO_STORAGE, STORAGE, retry).items]
    assert ids == ["f1", "d2", "s1", "s2"]


@given(st.integers(-10_000_000, 10_000_000), st.integers(-10_000_000, 10_000_000))
def test_however_wrong_two_clocks_are_answers_begin_within_their_calls(echo_us: int, storage_us: int) -> None:
    whole = built(
        ENTRY,
        TO_ECHO,
        late(ECHO, echo_us / 1000),
        TO_STORAGE,
        *(late(item, storage_us / 1000) for item in (STORAGE, LOG, INSERT)),
    )
    by_id: dict[str, TransactionItem] = {item.id: item for item in whole.items if item.id}
    for call, answer in (("d1", "e1"), ("d2", "s1")):
        begin_ms = by_id[call].offset_ms
        assert begin_ms - 1 <= by_id[answer].offset_ms <= begin_ms + (by_id[call].duration_ms or 0) + 1
    assert by_id["q1"].offset_ms - by_id["s1"].offset_ms == pytest.approx(3)
