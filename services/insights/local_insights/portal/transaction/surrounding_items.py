"""What else the components of a transaction did within five minutes before and after it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import Facet, Filters, Search, SearchCursor, SearchHit
from local_insights.model.time_range import TimeRange
from local_insights.model.transaction import Transaction
from local_insights.portal.formats import MILLION, THOUSAND, duration
from local_insights.portal.search.query import MOST_VALUES, PATH
from local_insights.portal.search.rows import FoundRow, found_row
from local_insights.store.contract import QueryTimeoutError, Store

AROUND = timedelta(minutes=5)
"""How far before and after a transaction its surroundings reach."""

EACH_SIDE = 15
"""Neighbours that are shown before and after, the nearest."""

TELLING = frozenset(ItemType) - {ItemType.PERFORMANCE_COUNTER, ItemType.CUSTOM_METRIC}
"""Kinds of items that say what happened; figures that are sent at regular times do not."""

MINUS = "\N{MINUS SIGN}"
_LAST_ROW = 2**62


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """One item, and how long after the transaction (`+0.4 s`) it began; before it with a minus sign."""

    offset: str
    found: FoundRow


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Items next to a transaction, in the order of time; none of them is the transaction's own.

    `is_cut` when there are more than those shown, all of which `search_link` finds. `refusal` says why there is no
    answer, and is empty when there is one.
    """

    before: tuple[NeighbourRow, ...] = ()
    after: tuple[NeighbourRow, ...] = ()
    roles: tuple[str, ...] = ()
    is_cut: bool = False
    search_link: str = ""
    refusal: str = ""


def neighbours(store: Store, found: Transaction) -> Neighbours:
    """Ask for what the transaction's roles sent about the same time. Blocks on the store."""
    roles = tuple(sorted({item.role for item in found.items if item.role})[:MOST_VALUES])
    filters: Filters = {Facet.ROLE: frozenset(roles), Facet.TYPE: TELLING}
    start_us, end_us = (round(moment.timestamp() * MILLION) for moment in _times(found))
    began_us = round(found.start_time.timestamp() * MILLION)
    most = EACH_SIDE + 1 + len(found.items)
    link = surroundings_link(found, roles)
    try:
        earlier = store.search_items(Search(TimeRange(start_us, began_us), None, filters), most)
        last_place = SearchCursor(began_us - 1, _LAST_ROW)
        later = store.search_items(Search(TimeRange(began_us, end_us), None, filters), most, after=last_place)
    except QueryTimeoutError as error:
        return Neighbours(roles=roles, search_link=link, refusal=str(error))
    before, after = _others(earlier, found), _others(reversed(later), found)
    return Neighbours(
        before=_rows(before[EACH_SIDE - 1 :: -1], began_us),
        after=_rows(after[:EACH_SIDE], began_us),
        roles=roles,
        is_cut=max(len(before), len(after)) > EACH_SIDE,
        search_link=link,
    )


def surroundings_link(found: Transaction, roles: Collection[str] = ()) -> str:
    """The search for all telemetry of that time, or for that of some roles."""
    start, end = _times(found)
    parameters = {"from": start.isoformat(), "to": end.isoformat(), Facet.ROLE.value: list(roles)}
    return f"{PATH}?{urlencode(parameters, doseq=True, errors='replace')}"


def _times(found: Transaction) -> tuple[datetime, datetime]:
    """From when to when the surroundings reach."""
    return found.start_time - AROUND, found.start_time + timedelta(milliseconds=found.duration_ms) + AROUND


def _others(items: Iterable[SearchHit], found: Transaction) -> list[Item]:
    return [one.item for one in items if one.item.operation_id != found.operation_id]


def _rows(items: Iterable[Item], began_us: int) -> tuple[NeighbourRow, ...]:
    return tuple(NeighbourRow(_offset(item.time_us - began_us), found_row(item, ())) for item in items)


def _offset(offset_us: int) -> str:
    return f"{'+' if offset_us >= 0 else MINUS}{duration(abs(offset_us) / THOUSAND)}"
