"""Sources of ids and times: the machine, or predictable ones in tests."""

import time
from typing import Protocol

from opencensus.trace.span_context import generate_span_id, generate_trace_id


class Clock(Protocol):
    """The functions of the module `time` that the library uses; the module itself is the default clock."""

    def time_ns(self) -> int:
        """Return the wall clock time in nanoseconds since the epoch."""

    def perf_counter_ns(self) -> int:
        """Return a monotonic time in nanoseconds, for durations of spans."""

    def monotonic(self) -> float:
        """Return a monotonic time in seconds, for pauses and intervals."""


class IdGenerator(Protocol):
    """Generates the ids of traces and spans, which must be unique (W3C Trace Context)."""

    def generate_trace_id(self) -> str:
        """Return 32 hexadecimal digits, not all zero."""

    def generate_span_id(self) -> str:
        """Return 16 hexadecimal digits, not all zero."""


class RandomIdGenerator:
    """Generates random ids with OpenCensus' generator, which is seeded again in a forked process."""

    generate_trace_id = staticmethod(generate_trace_id)
    generate_span_id = staticmethod(generate_span_id)


SYSTEM_CLOCK: Clock = time
