"""In-memory telemetry for tests of traced code.

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
from telemetry._internal.ids_and_clock import Clock, IdGenerator, RandomIdGenerator
from telemetry.settings import TelemetrySettings

__all__ = [
    "Clock",
    "EnvelopeRecorder",
    "IdGenerator",
    "RandomIdGenerator",
    "RecordedTelemetry",
    "SequentialIdGenerator",
    "SpanRecorder",
    "SteppingClock",
]

_NO_RESOURCE = Resource({})


class SequentialIdGenerator:
    """Generates ids that count from 1: `000...001` is the id of the first trace, and of the first span.

    Share one generator between the services of a test that call each other.
    """

    def __init__(self) -> None:
        self._traces = 0
        self._spans = 0

    def generate_trace_id(self) -> str:
        """Return the next trace id."""
        self._traces += 1
        return f"{self._traces:032x}"

    def generate_span_id(self) -> str:
        """Return the next span id."""
        self._spans += 1
        return f"{self._spans:016x}"


class SteppingClock:
    """A clock that advances by one step with each read, and when a test advances it.

    By default it starts at the beginning of 2026, UTC, with steps of 1 ms. Durations do not depend on the load of the
    machine: a span that ends at once lasts one or two steps.
    """

    def __init__(self, begin: datetime = datetime(2026, 1, 1, tzinfo=UTC), step_s: float = 0.001) -> None:
        self._begin_ns = int(begin.timestamp()) * 1_000_000_000
        self._step_ns = round(step_s * 1e9)
        self._elapsed_ns = 0

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self._elapsed_ns += round(seconds * 1e9)

    def time_ns(self) -> int:
        """Return nanoseconds since the epoch."""
        return self._begin_ns + self._step()

    def perf_counter_ns(self) -> int:
        """Return nanoseconds since the clock was created."""
        return self._step()

    def monotonic(self) -> float:
        """Return seconds since the clock was created."""
        return self._step() / 1e9

    def _step(self) -> int:
        self._elapsed_ns += self._step_ns
        return self._elapsed_ns


class SpanRecorder:
    """A span exporter that stores spans: `Telemetry(settings, span_exporter=recorder)`."""

    def __init__(self) -> None:
        self.spans: list[SpanData] = []

    def export(self, span_datas: Sequence[SpanData], /) -> None:
        """Store spans."""
        self.spans.extend(span_datas)

    @property
    def names(self) -> list[str]:
        """The names of the spans in the order in which they ended."""
        return [span.name for span in self.spans]

    def tree(self) -> list[str]:
        """Return the names of the spans in the order in which they started, indented below their parents.

        A span whose parent was not recorded here, such as a request of another service, is not indented.
        """
        known = {span.span_id for span in self.spans}

        def below(parent_id: str | None, depth: int) -> list[str]:
            children = [span for span in self.spans if _parent_within(span, known) == parent_id]
            lines: list[str] = []
            for span in sorted(children, key=lambda span: str(span.start_time)):
                lines += ["  " * depth + span.name, *below(span.span_id, depth + 1)]
            return lines

        return below(None, 0)

    def envelopes(self, resource: Resource = _NO_RESOURCE) -> list[Envelope]:
        """Return the envelopes that would be sent for the spans."""
        return [envelope for span in self.spans for envelope in span_envelopes(span, resource)]

    def items(self, base_type: str) -> list[dict[str, Any]]:
        """Return `baseData` of the envelopes of one type, such as `RequestData` or `RemoteDependencyData`."""
        return _items(self.envelopes(), base_type)


class EnvelopeRecorder:
    """An exporter of logs and events, or of metrics, that stores their envelopes.

    `Telemetry(settings, log_exporter=recorder, metric_exporter=another)`
    """

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    def export(self, envelopes: Sequence[Envelope], /) -> None:
        """Store envelopes."""
        self.envelopes.extend(envelopes)

    def items(self, base_type: str) -> list[dict[str, Any]]:
        """Return `baseData` of the envelopes of one type, such as `MessageData`, `EventData` or `MetricData`."""
        return _items(self.envelopes, base_type)


class RecordedTelemetry:
    """The telemetry of one role, started for a `with` block, and everything that it records.

    Metrics are available after the block. By default ids are sequential and the clock steps. Services of one test that
    call each other share both:
    `RecordedTelemetry("echo", id_generator=frontend.id_generator, clock=frontend.clock)`.

    Args:
        role: The name of the service.
        id_generator: Generates the ids; `RandomIdGenerator()` for those of production.
        clock: Provides the time; the module `time` for the real time.
        settings: Other settings of `TelemetrySettings`.
    """

    def __init__(
        self,
        role: str,
        *,
        id_generator: IdGenerator | None = None,
        clock: Clock | None = None,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        self.id_generator = id_generator or SequentialIdGenerator()
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
            clock=self.clock,
            id_generator=self.id_generator,
        )

    def __enter__(self) -> Self:
        self.telemetry.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.telemetry.close()

    def envelopes(self) -> list[Envelope]:
        """Return all envelopes as they would be sent, without the instrumentation key of a destination."""
        return [*self.spans.envelopes(self.telemetry.resource), *self.logs.envelopes, *self.metrics.envelopes]

    @property
    def messages(self) -> list[str]:
        """The texts of the log records without an exception, in order."""
        return [item["message"] for item in self.logs.items("MessageData")]

    @property
    def events(self) -> list[str]:
        """The names of the events, in order."""
        return [item["name"] for item in self.logs.items("EventData")]

    def measurements(self, metric: str) -> list[dict[str, Any]]:
        """Return the points of one metric: `value` (the sum), `count`, `min`, `max`, `stdDev` and `properties`."""
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
