"""A span of time that a question is asked about."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `start_us` (inclusive) to `end_us` (exclusive), microseconds since the epoch, UTC.

    Raises:
        ValueError: the range is empty or runs backwards.
    """

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.end_us <= self.start_us:
            message = f"a time range ends after it begins; this one runs from {self.start} to {self.end}"
            raise ValueError(message)

    @property
    def start(self) -> datetime:
        """The beginning as an aware datetime."""
        return datetime.fromtimestamp(self.start_us / 1_000_000, UTC)

    @property
    def end(self) -> datetime:
        """The end as an aware datetime."""
        return datetime.fromtimestamp(self.end_us / 1_000_000, UTC)

    @property
    def duration_us(self) -> int:
        """Length of the range."""
        return self.end_us - self.start_us
