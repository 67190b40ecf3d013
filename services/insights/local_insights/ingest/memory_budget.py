"""Backpressure: limits the telemetry in memory over all concurrent requests."""

from types import TracebackType
from typing import Self

from local_insights.store.contract import StoreUnavailableError

BATCH_BYTES = 256 * 1024
"""The size up to which an SDK sends its telemetry in one request."""


class MemoryBudget:
    """Bytes of telemetry that may be in memory until they are committed.

    A request over the limit fails with 503 and `Retry-After`. SDKs then store the telemetry on their own disk and
    retry.

    Args:
        limit_bytes: the limit of all reservations together (`INSIGHTS_MAX_INFLIGHT_MB`).
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._reserved_bytes = 0

    def reservation(self) -> "Reservation":
        """Return the reservation of one request. It starts at 0 bytes and is released at the end of its block."""
        return Reservation(self)

    def reserve(self, difference_bytes: int) -> None:
        """Reserve more bytes, or release some when the difference is negative.

        Raises:
            StoreUnavailableError: the limit would be exceeded.
        """
        self._require(difference_bytes)
        self._reserved_bytes += difference_bytes

    def require_space(self) -> None:
        """Return if the batch of an SDK would be accepted now.

        Raises:
            StoreUnavailableError: less than `BATCH_BYTES` are available.
        """
        self._require(BATCH_BYTES)

    def _require(self, size_bytes: int) -> None:
        if size_bytes > 0 and self._reserved_bytes + size_bytes > self._limit_bytes:
            message = (
                f"{self._reserved_bytes:,} bytes of telemetry are in memory, the limit is {self._limit_bytes:,} "
                "(INSIGHTS_MAX_INFLIGHT_MB): retry later"
            )
            raise StoreUnavailableError(message)


class Reservation:
    """The bytes that one request reserves in a `MemoryBudget`."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self._reserved_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.resize(0)

    def resize(self, size_bytes: int) -> None:
        """Set the size of the reservation.

        Raises:
            StoreUnavailableError: see `MemoryBudget.reserve`.
        """
        self._budget.reserve(size_bytes - self._reserved_bytes)
        self._reserved_bytes = size_bytes
