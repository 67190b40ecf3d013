"""The telemetry that the roles of a transaction sent within five minutes before and after it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from local_insights.http.query_params import MAX_REPETITIONS
from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import Facet, Filters, Search, SearchCursor, SearchHit
from local_insights.model.time_range import TimeRange
from local_insights.model.transaction import Transaction
from local_insights.portal.formats import MILLION, THOUSAND, duration
from local_insights.portal.search.query import PATH
from local_insights.portal.search.rows import FoundRow, found_row
from local_insights.store.contract import QueryFailedError, QueryTimeoutError, SearchReader

WINDOW = timedelta(minutes=5)
"""The length of time before and after a transaction that is searched."""

MOST_ROWS = 15
"""The maximum number of items before, and of items after the transaction; the nearest are shown."""

EVENT_TYPES = frozenset(ItemType) - {ItemType.PERFORMANCE_COUNTER, ItemType.CUSTOM_METRIC}
"""The item types that describe an event; metrics, which are sent at regular intervals, are left out."""

MINUS = "\N{MINUS SIGN}"
_LAST_ROW = 2**62


@dataclass(frozen=True, slots=True)
class SurroundingRow:
    """One item, with its start relative to that of the transaction (`+0.4 s`; before it with a minus sign)."""

    offset: str
    found: FoundRow


@dataclass(frozen=True, slots=True)
class SurroundingItems:
    """Items before and after a transaction, oldest first, without those of the transaction itself.

    Attributes:
        before: the items that started before the transaction.
        after: the other items.
        roles: the roles that were searched.
        is_cut: True when there are more items than rows.
        search_link: opens a search for all of them.
        error: the reason why the query failed; empty when it succeeded.
    """

    before: tuple[SurroundingRow, ...] = ()
    after: tuple[SurroundingRow, ...] = ()
    roles: tuple[str, ...] = ()
    is_cut: bool = False
    search_link: str = ""
    error: str = ""


def surrounding_items(store: SearchReader, shown: Transaction) -> SurroundingItems:
    """Search the items of the transaction's roles at about the same time. Blocks."""
    roles = tuple(sorted({item.role for item in shown.items if item.role})[:MAX_REPETITIONS])
    filters: Filters = {Facet.ROLE: frozenset(roles), Facet.TYPE: EVENT_TYPES}
    start_us, end_us = (round(time.timestamp() * MILLION) for time in _window(shown))
    began_us = round(shown.start_time.timestamp() * MILLION)
    limit = MOST_ROWS + 1 + len(shown.items)
    link = surroundings_link(shown, roles)
    try:
        earlier = store.search_items(Search(TimeRange(start_us, began_us), None, filters), limit)
        newest_before = SearchCursor(began_us - 1, _LAST_ROW)
        later = store.search_items(Search(TimeRange(began_us, end_us), None, filters), limit, after=newest_before)
    except (QueryFailedError, QueryTimeoutError) as error:
        return SurroundingItems(roles=roles, search_link=link, error=str(error))
    before, after = _others(earlier, shown), _others(reversed(later), shown)
    return SurroundingItems(
        before=_rows(before[MOST_ROWS - 1 :: -1], began_us),
        after=_rows(after[:MOST_ROWS], began_us),
        roles=roles,
        is_cut=max(len(before), len(after)) > MOST_ROWS,
        search_link=link,
    )


def surroundings_link(shown: Transaction, roles: Collection[str] = ()) -> str:
    """Return the search for all telemetry around a transaction, or for that of some roles."""
    start, end = _window(shown)
    parameters = {"from": start.isoformat(), "to": end.isoformat(), Facet.ROLE.value: list(roles)}
    return f"{PATH}?{urlencode(parameters, doseq=True, errors='replace')}"


def _window(shown: Transaction) -> tuple[datetime, datetime]:
    """Return the start and end of the searched time."""
    return shown.start_time - WINDOW, shown.start_time + timedelta(milliseconds=shown.duration_ms) + WINDOW


def _others(hits: Iterable[SearchHit], shown: Transaction) -> list[Item]:
    return [hit.item for hit in hits if hit.item.operation_id != shown.operation_id]


def _rows(items: Iterable[Item], began_us: int) -> tuple[SurroundingRow, ...]:
    return tuple(SurroundingRow(_offset(item.time_us - began_us), found_row(item, ())) for item in items)


def _offset(offset_us: int) -> str:
    return f"{'+' if offset_us >= 0 else MINUS}{duration(abs(offset_us) / THOUSAND)}"
