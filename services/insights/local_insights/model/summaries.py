"""Summaries that a store returns: item counts, one row per operation, and the contents of the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """Weighted counts of the items of one type."""

    items: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class OperationSummary:
    """One operation (trace), described by its root request.

    Without a root request it is described by its earliest request, and without any request by its earliest item.
    """

    operation_id: str
    name: str
    role: str
    start_us: int
    duration_us: int | None
    success: bool | None


@dataclass(frozen=True, slots=True)
class StoreStats:
    """The number of stored items and their first and last start time, None when the store is empty."""

    items: int
    oldest_us: int | None
    newest_us: int | None
