"""How much telemetry may be held in memory at a time, by all senders together."""

from types import TracebackType
from typing import Self

from local_insights.store.contract import StoreUnavailableError


class MemoryBudget:
    """Bytes that may be held until they are committed.

    Args:
        limit_bytes: of all shares together.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0

    def share(self) -> "Reservation":
        """What one request holds; nothing at first, and nothing again when its block ends."""
        return Reservation(self)

    def move(self, difference_bytes: int) -> None:
        """Hold more, or less.

        Raises:
            StoreUnavailableError: it would be more than the limit. Senders keep their data, and their disks together
                hold more than this memory.
        """
        if difference_bytes > 0 and self._held_bytes + difference_bytes > self._limit_bytes:
            message = (
                f"{self._held_bytes:,} bytes of telemetry are being taken in, and no more than {self._limit_bytes:,} "
                "may be at a time (INSIGHTS_MAX_INFLIGHT_MB): try again"
            )
            raise StoreUnavailableError(message)
        self._held_bytes += difference_bytes


class Reservation:
    """See `MemoryBudget.share`."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self._held_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.hold(0)

    def hold(self, size_bytes: int) -> None:
        """Hold so many bytes from now on.

        Raises:
            StoreUnavailableError: see `MemoryBudget.move`.
        """
        self._budget.move(size_bytes - self._held_bytes)
        self._held_bytes = size_bytes
