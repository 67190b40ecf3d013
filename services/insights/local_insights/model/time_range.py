"""The time range of a query."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range from `start_us` (inclusive) to `end_us` (exclusive), in microseconds since 1970, UTC.

    Raises:
        ValueError: the end is not after the start.
    """

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.end_us <= self.start_us:
            message = f"the end of a time range must be after its start, got {self.start} to {self.end}"
            raise ValueError(message)

    @property
    def start(self) -> datetime:
        """The start as an aware datetime."""
        return datetime.fromtimestamp(self.start_us / 1_000_000, UTC)

    @property
    def end(self) -> datetime:
        """The end as an aware datetime."""
        return datetime.fromtimestamp(self.end_us / 1_000_000, UTC)

    @property
    def duration_us(self) -> int:
        """Length of the range in microseconds."""
        return self.end_us - self.start_us


ALL_TIME = TimeRange(-(2**62), 2**62)
"""A range that contains every item."""
