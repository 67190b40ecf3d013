"""Telemetry that stays in memory, for tests of code that is traced.

from telemetry.testing import RecordedTelemetry

def test_order_is_charged_once() -> None:
    with RecordedTelemetry("shop") as recorded:
        place_order(recorded.telemetry)
    assert recorded.spans.tree() == ["place order", "  charge card"]
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from opencensus.trace.span_data import SpanData

from telemetry._internal.core import Telemetry
from telemetry._internal.envelopes.envelopes import Envelope, Resource
from telemetry._internal.envelopes.span_envelopes import span_envelopes
from telemetry._internal.tracing.ids_and_clock import Clock, Ids, Sources
from telemetry.settings import TelemetrySettings

_NOWHERE = Resource({})


class CountingIds:
    """Makes ids that count from 1: `000...001` is the first trace, and the first span.

    Services of one test that call one another share it.
    """

    def __init__(self) -> None:
        self._traces = 0
        self._spans = 0

    def trace_id(self) -> str:
        """The next trace id."""
        self._traces += 1
        return f"{self._traces:032x}"

    def span_id(self) -> str:
        """The next span id."""
        self._spans += 1
        return f"{self._spans:016x}"


class SteppingClock:
    """A clock that goes on only when it is read, a step each time, and when a test moves it.

    It begins with the year 2026, UTC; its steps are 1 ms. The n-th span of a test that ends at once lasts 2 steps or
    so, whatever the machine is busy with.
    """

    def __init__(self, begin: datetime = datetime(2026, 1, 1, tzinfo=UTC), step_s: float = 0.001) -> None:
        self._begin_ns = int(begin.timestamp()) * 1_000_000_000
        self._step_ns = round(step_s * 1e9)
        self._elapsed_ns = 0

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed_ns += round(seconds * 1e9)

    def time_ns(self) -> int:
        """Nanoseconds since the epoch."""
        return self._begin_ns + self._step()

    def perf_counter_ns(self) -> int:
        """Nanoseconds since the clock was made."""
        return self._step()

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._step() / 1e9

    def _step(self) -> int:
        self._elapsed_ns += self._step_ns
        return self._elapsed_ns


class SpanRecorder:
    """A span exporter that keeps what it is given: `Telemetry(settings, span_exporter=recorder)`."""

    def __init__(self) -> None:
        self.spans: list[SpanData] = []

    def export(self, span_datas: Sequence[SpanData], /) -> None:
        """Take spans."""
        self.spans.extend(span_datas)

    @property
    def names(self) -> list[str]:
        """Names of the spans, in the order in which they ended."""
        return [span.name for span in self.spans]

    def tree(self) -> list[str]:
        """Names of the spans, each indented below its parent, in the order in which they began.

        A span whose parent was not recorded here, such as a request from elsewhere, stands at the left.
        """
        known = {span.span_id for span in self.spans}

        def below(parent_id: str | None, depth: int) -> list[str]:
            children = [span for span in self.spans if _parent_within(span, known) == parent_id]
            lines: list[str] = []
            for span in sorted(children, key=lambda span: str(span.start_time)):
                lines += ["  " * depth + span.name, *below(span.span_id, depth + 1)]
            return lines

        return below(None, 0)

    def envelopes(self, origin: Resource = _NOWHERE) -> list[Envelope]:
        """The envelopes that would be sent for the spans."""
        return [envelope for span in self.spans for envelope in span_envelopes(span, origin)]

    def items(self, base_type: str) -> list[dict[str, Any]]:
        """`baseData` of the envelopes of one type, as `RequestData` or `RemoteDependencyData`."""
        return _items(self.envelopes(), base_type)


class EnvelopeRecorder:
    """An exporter of logs and events, or of metrics, that keeps their envelopes.

    `Telemetry(settings, log_exporter=recorder, metric_exporter=another)`
    """

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    def export(self, envelopes: Sequence[Envelope], /) -> None:
        """Take envelopes."""
        self.envelopes.extend(envelopes)

    def items(self, base_type: str) -> list[dict[str, Any]]:
        """`baseData` of the envelopes of one type, as `MessageData`, `ExceptionData`, `EventData` or `MetricData`."""
        return _items(self.envelopes, base_type)


class RecordedTelemetry:
    """The telemetry of one role, started for a `with` block, and everything that it records.

    Metrics are there after the block. Ids count and the clock steps, unless others are given; several services of one
    test, which call one another, share both: `RecordedTelemetry("echo", ids=frontend.ids, clock=frontend.clock)`.

    Args:
        role: The service's name.
        ids: Makes the ids; `RandomIds()` for what production has.
        clock: Tells the time; the module `time` for the real one.
        settings: Other settings of `TelemetrySettings`.
    """

    def __init__(self, role: str, *, ids: Ids | None = None, clock: Clock | None = None, **settings: Any) -> None:  # noqa: ANN401
        self.ids = ids or CountingIds()
        self.clock = clock or SteppingClock()
        self.spans = SpanRecorder()
        self.logs = EnvelopeRecorder()
        self.metrics = EnvelopeRecorder()
        chosen: dict[str, Any] = {"role": role, "role_instance": "1", "metrics_interval_s": 60.0} | settings
        self.telemetry = Telemetry(
            TelemetrySettings(**chosen),
            span_exporter=self.spans,
            log_exporter=self.logs,
            metric_exporter=self.metrics,
            sources=Sources(self.clock, self.ids),
        )

    def __enter__(self) -> Self:
        self.telemetry.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.telemetry.close()

    def envelopes(self) -> list[Envelope]:
        """Everything as it would be sent, save the instrumentation key, which is each destination's own."""
        return [*self.spans.envelopes(self.telemetry.origin), *self.logs.envelopes, *self.metrics.envelopes]

    @property
    def messages(self) -> list[str]:
        """Texts of the log records, in order; those of exceptions are among their properties."""
        return [item["message"] for item in self.logs.items("MessageData")]

    @property
    def events(self) -> list[str]:
        """Names of the events, in order."""
        return [item["name"] for item in self.logs.items("EventData")]

    def measurements(self, metric: str) -> list[dict[str, Any]]:
        """What was sent of one metric: `value` (the sum), `count`, `min`, `max`, `stdDev` and its `properties`."""
        items = self.metrics.items("MetricData")
        return [
            item["metrics"][0] | {"properties": item["properties"]}
            for item in items
            if item["metrics"][0]["name"] == metric
        ]


def _parent_within(span: SpanData, known: set[str]) -> str | None:
    return span.parent_span_id if span.parent_span_id in known else None


def _items(envelopes: Sequence[Envelope], base_type: str) -> list[dict[str, Any]]:
    return [envelope["data"]["baseData"] for envelope in envelopes if envelope["data"]["baseType"] == base_type]
