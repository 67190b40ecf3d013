"""Where times and ids come from: the machine, or a test that wants to know them beforehand."""

import time
from dataclasses import dataclass, field
from typing import Protocol

from opencensus.trace.span_context import generate_span_id, generate_trace_id


class Clock(Protocol):
    """What the module `time` offers, as far as it is used; the module itself is the clock by default."""

    def time_ns(self) -> int:
        """Nanoseconds since the epoch, as the wall clock has it."""

    def perf_counter_ns(self) -> int:
        """Nanoseconds since some moment, never adjusted; durations of spans are measured by it."""

    def monotonic(self) -> float:
        """Seconds since some moment, never adjusted; pauses and intervals are measured by it."""


class Ids(Protocol):
    """Makes the ids of traces and spans, which must not repeat (W3C trace context)."""

    def trace_id(self) -> str:
        """32 hexadecimal digits, not all of them zero."""

    def span_id(self) -> str:
        """16 hexadecimal digits, not all of them zero."""


class RandomIds:
    """OpenCensus' ids. Its generator is seeded anew after a fork, so that processes do not make the same ones."""

    trace_id = staticmethod(generate_trace_id)
    span_id = staticmethod(generate_span_id)


MACHINE_CLOCK: Clock = time


@dataclass(frozen=True, slots=True)
class Sources:
    """Where one `Telemetry` has times and ids from."""

    clock: Clock = MACHINE_CLOCK
    ids: Ids = field(default_factory=RandomIds)
