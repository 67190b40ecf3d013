"""The interfaces of a store, one per use. An engine implements `Store`, which combines them.

`ItemWriter.append` is the only way to add items. An engine with `is_durable` returns from it when the items survive a
`kill -9`: SDKs delete acknowledged telemetry, so no earlier acknowledgement is allowed. A call stores all its items or
none. Queries return items as soon as `append` has returned. All times are event times (`Item.time_us`); items may
arrive late and in any order.

Queries block: run them in a worker thread. A query that exceeds the time or memory limit of the store raises
`QueryTimeoutError`, one that the engine cannot execute `QueryFailedError`. A store that cannot write raises
`StoreUnavailableError` from `append` and still serves queries. After `close`, every method that reads or writes items
raises `StoreUnavailableError`.

Consumers depend on the smallest interface that they need. `tests/unit/insights/store` is the conformance suite: it runs
on every engine.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from local_insights.model.call_rows import CallRows
from local_insights.model.item import Item, ItemType
from local_insights.model.search.search import Search, SearchCounts, SearchCursor, SearchHit
from local_insights.model.selection import (
    Failure,
    GroupField,
    GroupOrder,
    Groups,
    NodeRef,
    SampleOrder,
    Selection,
    TimelinePoint,
)
from local_insights.model.summaries import ItemCounts, OperationSummary, StoreStats
from local_insights.model.time_range import TimeRange
from local_insights.store.identity import RequestItems


class StoreError(Exception):
    """Base class of the errors of a store. The text names the remedy."""


class StoreInUseError(StoreError):
    """Another process uses the data directory."""


class StoreUnavailableError(StoreError):
    """The store cannot write now (disk full, closing, write failed). The client should keep the data and retry."""


class QueryTimeoutError(StoreError):
    """The query exceeded the time or memory limit of the store. A shorter time range helps."""


class QueryFailedError(StoreError):
    """The engine could not execute the query, for example because a part of its file is damaged."""


class ItemWriter(Protocol):
    """Ingestion."""

    async def append(self, items: Sequence[Item], request: RequestItems | None = None) -> Sequence[Item]:
        """Store all items that are not stored yet, or none and raise `StoreUnavailableError`. Return these items.

        An item with an id is stored if an item with the same operation, id, type, role and time is. An item without an
        id is stored if an equal item of an earlier request is, so that equal items of one request are all stored.
        Recognized are at least the last million items, and all items of an earlier process. Deleted items are not.

        Args:
            items: the items.
            request: the same object in all calls for one request; None when this is the only call.
        """


class MapReader(Protocol):
    """The Application Map."""

    def call_rows(self, time_range: TimeRange) -> CallRows:
        """Return the counts for the Application Map: requests and dependencies that began in the range.

        The other end of a call is found outside the range, too, for clock skew, queues and late arrival. Margins:
        a request serves a call from 1 minute before the range to 1 hour after it; in-process spans connect them from
        1 hour before to 1 hour after; a parent exists from 1 hour before to 1 minute after; requests caused by an
        availability test from 1 hour before to 1 hour after.

        A remote call belongs to the requests that have it as parent, else to those that it reaches over one or two
        in-process spans. Requests of one role count as one call, because a retry is not a second call; each of several
        roles has a row with the call. A request with the id of a call has it as parent (`model.shared_spans`). Roles of
        different applications are different components (`model.components`).
        """


class SelectionReader(Protocol):
    """Counts, groups, trends and samples of selected items."""

    def roles(self, time_range: TimeRange) -> tuple[str, ...]:
        """Return the names of all roles with an item in the range, sorted."""

    def item_counts(self, time_range: TimeRange, role: str | None = None) -> dict[ItemType, ItemCounts]:
        """Count requests, dependencies and exceptions of one role or of all roles. Types without items are omitted."""

    def groups(  # noqa: PLR0913 - one query: selection, grouping, range, order, limit
        self,
        selection: Selection,
        by: Sequence[GroupField],
        time_range: TimeRange,
        *,
        order: GroupOrder,
        limit: int,
        percentiles: bool = True,
    ) -> Groups:
        """Group the items of a selection by fields, and return the first `limit` groups.

        Groups are sorted by `order`, then by calls, both descending, then by the values of the fields. Without
        `percentiles` the statistics have no buckets, and the query takes half the time.
        """

    def trend(
        self, selection: Selection, time_range: TimeRange, steps: int, *, percentiles: bool = True
    ) -> list[TimelinePoint]:
        """Count the items of a selection in `steps` equal steps of the range. Empty steps are omitted.

        `percentiles` has the same meaning as in `groups`.
        """

    def co_occurring_failures(self, selection: Selection, time_range: TimeRange, limit: int = 10_000) -> list[Failure]:
        """Count the failures in all operations in which an item of the selection failed, including these items.

        The most frequent failure is first.
        """

    def samples(
        self, selection: Selection, time_range: TimeRange, limit: int, *, order: SampleOrder = "newest"
    ) -> list[Item]:
        """Return the first items of a selection.

        Orders other than `newest` only include items with a duration.
        """


class TransactionReader(Protocol):
    """Operations (traces)."""

    def recent_operations(
        self, time_range: TimeRange, limit: int, node: NodeRef | None = None, *, failed_only: bool = False
    ) -> list[OperationSummary]:
        """Return the newest operations, newest first: all, or those in which a node took part.

        With `failed_only`, a request or dependency, or the item that measures the node, must have failed.
        """

    def transaction(self, operation_id: str, limit: int = 10_000) -> list[Item]:
        """Return the first `limit` items of an operation, sorted by time and id."""


class SearchReader(Protocol):
    """Full-text search."""

    def search_items(
        self, search: Search, limit: int, *, before: SearchCursor | None = None, after: SearchCursor | None = None
    ) -> list[SearchHit]:
        """Return one page of the matching items, newest first: the newest page, or the one next to a cursor.

        Paging with `before` and the last cursor of a page (or `after` and the first) visits every item once, even when
        items arrive in between. Late items in the part already visited are not included.
        """

    def search_counts(self, search: Search, steps: int, max_values: int = 10) -> SearchCounts:
        """Count the matching items in `steps` equal steps of the range, and by facet (`max_values` values each)."""

    def count_new_items(self, search: Search, row: int) -> int:
        """Count the matching items that were stored after a row."""

    def latest_row(self) -> int:
        """Return the row of the item that was stored last, or -1 when the store is empty."""


class ItemReader(Protocol):
    """Export."""

    def stored_items(self, row: int, time_range: TimeRange, limit: int) -> list[tuple[int, Item]]:
        """Return items of a range that were stored after a row, in storage order, each with its row."""


class OfflineReader(Protocol):
    """The items of a data directory that no server uses. Nothing in the directory is changed."""

    def items(self, time_range: TimeRange) -> Iterator[list[Item]]:
        """Yield the readable items of a range, in storage order."""

    @property
    def problems(self) -> Sequence[str]:
        """What could not be read, one text per cause. Complete after the last item."""


class HealthReader(Protocol):
    """Health checks and metrics."""

    def stats(self) -> StoreStats:
        """Return the number of stored items, and the time of the oldest and the newest."""

    def require_ready(self) -> None:
        """Return if the store would accept items now, else raise `StoreUnavailableError`.

        Does not wait for queries or commits: the event loop calls it.

        The result of the last write is not considered. Otherwise a client that stops sending to a server that is not
        ready would keep the server from becoming ready again.
        """


class Maintenance(Protocol):
    """Retention."""

    def used_bytes(self) -> int:
        """Return the space that the items take: on disk, with the log, if the engine is durable."""

    def delete_before(self, time_us: int) -> int:
        """Delete the items that began before a time. Return their number.

        Their space is freed at once if they are a considerable part of the items, else later.
        """

    def delete_excess(self, max_bytes: int, now_us: int) -> int:
        """Delete the oldest items until the store stays within a size, also while it writes. Return their number.

        Items are deleted in the order in which they were received, because the clock of a client may be wrong. Those
        dated more than a day after `now_us` are the first. An engine may delete some more than needed: the items
        whose space it can only free together. Items that running queries read may take their space until the next call.
        """


class Store(
    ItemWriter,
    MapReader,
    SelectionReader,
    TransactionReader,
    SearchReader,
    ItemReader,
    HealthReader,
    Maintenance,
    Protocol,
):
    """A storage engine."""

    @property
    def is_durable(self) -> bool:
        """True if acknowledged items survive the end of the process."""

    def close(self) -> None:
        """Write acknowledged items to their final place and release all resources. Safe to call twice."""
