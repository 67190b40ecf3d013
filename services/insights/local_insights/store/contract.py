"""What a store promises, whichever engine is behind it.

`append` is the only way in. It returns once the items would survive a `kill -9`; SDKs delete what was acknowledged, so
nothing may be acknowledged earlier. Either all items of a call are kept, or none. Readers see items as soon as `append`
has returned. All times are event times (`Item.time_us`); items may arrive late and in any order.

Queries are blocking calls for a thread pool. A question that takes longer than the store's limit raises
`QueryTimeoutError`; a store that cannot write raises `StoreUnavailableError` and keeps answering queries.
"""

from collections.abc import Sequence
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
    Sample,
    SampleOrder,
    Selection,
    TimelinePoint,
)
from local_insights.model.summaries import ItemCounts, OperationSummary, StoreStats
from local_insights.model.time_range import TimeRange


class StoreError(Exception):
    """Base of what a store raises; its text says what to do."""


class StoreUnavailableError(StoreError):
    """Nothing can be written now (disk full, closing, write failed). The sender should keep the data and retry."""


class QueryTimeoutError(StoreError):
    """The question ran into the time or memory limit. A shorter time range will do."""


class Store(Protocol):
    """See the module's text for what every method promises."""

    async def append(self, items: Sequence[Item]) -> None:
        """Keep all items, durably, or raise `StoreUnavailableError` and keep none."""

    def call_rows(self, time_range: TimeRange) -> CallRows:
        """Count what the Application Map of a time range needs (dependencies and requests that began in it)."""

    def roles(self, time_range: TimeRange) -> tuple[str, ...]:
        """The name of every role that sent something in the range, in order."""

    def item_counts(self, time_range: TimeRange, role: str | None = None) -> dict[ItemType, ItemCounts]:
        """Requests, dependencies and exceptions of a role, or of all, counted; kinds without items are left out."""

    def groups(  # noqa: PLR0913 - one question: what, how grouped, when, and which come first
        self,
        selection: Selection,
        by: Sequence[GroupField],
        time_range: TimeRange,
        *,
        order: GroupOrder,
        limit: int,
        percentiles: bool = True,
    ) -> Groups:
        """The items of a selection in groups: those first that have most calls, failed calls, or time in all.

        Without `percentiles` the statistics have no buckets, and the answer takes half the time.
        """

    def trend(
        self, selection: Selection, time_range: TimeRange, steps: int, *, percentiles: bool = True
    ) -> list[TimelinePoint]:
        """The items of a selection in `steps` equal steps of the range; steps without any are left out.

        `percentiles` means what it does for `groups`.
        """

    def co_occurring_failures(self, selection: Selection, time_range: TimeRange, limit: int = 10_000) -> list[Failure]:
        """What failed in the operations in which an item of the selection failed, these items included.

        The most frequent first; at most `limit` kinds of failure.
        """

    def samples(
        self, selection: Selection, time_range: TimeRange, limit: int, *, order: SampleOrder = "newest"
    ) -> list[Sample]:
        """Items of a selection that belong to an operation, the first in order; only timed ones unless by age."""

    def recent_operations(
        self, time_range: TimeRange, limit: int, subject: NodeRef | None = None, *, failed_only: bool = False
    ) -> list[OperationSummary]:
        """The newest operations, newest first; those in which the subject took part when one is given."""

    def transaction(self, operation_id: str, limit: int = 10_000) -> list[Item]:
        """All items of one operation, by time; at most `limit`, earliest first."""

    def search_items(
        self, search: Search, limit: int, *, before: SearchCursor | None = None, after: SearchCursor | None = None
    ) -> list[SearchHit]:
        """A page of what a search finds, newest first: the newest items, or those next to a place, given one.

        Going on from the last place of a page with `before` (from the first with `after`), one meets every item once,
        whatever arrives meanwhile; what arrives late, in the part that one has passed, is not among them.
        """

    def search_counts(self, search: Search, steps: int, max_values: int = 10) -> SearchCounts:
        """How much a search finds, in `steps` equal steps of its range, and at most so many values of each facet."""

    def count_new_items(self, search: Search, row: int) -> int:
        """How many of the items that a search finds were stored after that row."""

    def latest_row(self) -> int:
        """The row of the item that was stored last, -1 when there is none."""

    def stats(self) -> StoreStats:
        """How much there is, and from when to when."""

    def stored_items(self, row: int, time_range: TimeRange, limit: int) -> list[tuple[int, Item]]:
        """Items of a range that were stored after a row, in the order in which they were, each with its row."""

    def require_ready(self) -> None:
        """Return if items would be taken now, and raise `StoreUnavailableError` if not.

        It does not ask how the last write went: who sends nothing to a server that is not ready would never find out
        that it is ready again.
        """

    def used_bytes(self) -> int:
        """Disk space that the items take, but for the newest, which may still be in a log.

        What was freed and waits for new items does not count.
        """

    def retention_cutoff(self, share: float) -> int | None:
        """When the oldest of the newest items began, which are this share (0 to 1) of all; None without items."""

    def delete_before(self, time_us: int) -> int:
        """Remove the items that began earlier, and free their space. Returns how many there were."""

    def close(self) -> None:
        """Write what was acknowledged to its final place and let go of the file. Safe to call twice."""
