"""Samples: single calls one can look at within their transactions."""

from collections.abc import Sequence
from dataclasses import dataclass

from local_insights.model.selection import Sample
from local_insights.portal.links import item_link

MOST_SAMPLES = 20


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One call; its link shows the transaction with this very item selected."""

    link: str
    sample: Sample

    @property
    def duration_ms(self) -> float | None:
        """How long it took."""
        return None if self.sample.duration_us is None else self.sample.duration_us / 1000

    @property
    def failed(self) -> bool:
        """Whether it failed; what has no outcome, such as an exception, did."""
        return not self.sample.success


def sample_rows(samples: Sequence[Sample]) -> tuple[SampleRow, ...]:
    """Samples as lists show them."""
    return tuple(SampleRow(item_link(sample), sample) for sample in samples)
