"""Samples: single calls with a link to their details."""

from collections.abc import Sequence
from dataclasses import dataclass

from local_insights.model.item import Item
from local_insights.portal.links import item_link

MOST_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One call; its link opens the item in its transaction, or its details if it has no operation."""

    link: str
    sample: Item

    @property
    def duration_ms(self) -> float | None:
        """The duration in milliseconds; None for an item without one."""
        return None if self.sample.duration_us is None else self.sample.duration_us / 1000

    @property
    def failed(self) -> bool:
        """True when the call failed. An item without an outcome, such as an exception, counts as failed."""
        return not self.sample.success


def sample_rows(samples: Sequence[Item]) -> tuple[SampleRow, ...]:
    """Return the rows of a list of samples."""
    return tuple(SampleRow(item_link(sample), sample) for sample in samples)
