"""What is sent once an interval: standard metrics, metrics of the application, counters, now and then a heartbeat."""

import platform
import threading
import uuid
from collections.abc import Callable, Mapping

from opencensus.trace import execution_context

from telemetry._internal.envelopes.envelopes import Envelope, Resource, envelope, properties_of
from telemetry._internal.envelopes.time_texts import utc_text
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.metrics.aggregates import Aggregate, Aggregates, Series
from telemetry._internal.metrics.counters import EXCEPTION_RATE, REQUEST_RATE, REQUEST_TIME, ProcessCounters
from telemetry._internal.metrics.standard import EXCEPTION_COUNT, REQUEST_DURATION
from telemetry._internal.tracing.ids_and_clock import Clock

_HEARTBEAT_INTERVAL_S = 900.0
_JOIN_TIMEOUT_S = 1.0


class MetricReport:
    """Makes the envelopes of the interval that has just passed."""

    def __init__(self, aggregates: Aggregates, origin: Resource, clock: Clock) -> None:
        self._aggregates = aggregates
        self._origin = origin
        self._clock = clock
        self._counters = ProcessCounters(clock)
        self._since = clock.monotonic()
        self._heartbeat_at = self._since
        self._session_id = str(uuid.uuid4())

    def envelopes(self, *, ending: bool = False) -> list[Envelope]:
        """Everything there is to say; it is said once.

        Args:
            ending: Say only what would be lost otherwise. The interval is shorter than the others then, and a script
                that is over after a moment has no CPU and no rates worth a chart.
        """
        now = self._clock.monotonic()
        elapsed_s, self._since = now - self._since, now
        series = self._aggregates.take()
        period = {"_MS.AggregationIntervalMs": str(round(elapsed_s * 1000))}
        envelopes = [
            self._envelope(_aggregated(metric.name, aggregate), metric.properties(facts) | period)
            for (metric, facts), aggregate in series.items()
        ]
        if ending or elapsed_s <= 0:
            return envelopes
        counters = self._counters.read() | _rates(series, elapsed_s)
        envelopes += [self._envelope(_measured(name, value), {}) for name, value in counters.items()]
        if now >= self._heartbeat_at:
            self._heartbeat_at = now + _HEARTBEAT_INTERVAL_S
            envelopes.append(self._envelope(_measured("HeartbeatState", 0.0), self._heartbeat()))
        return envelopes

    def _envelope(self, point: Envelope, properties: Mapping[str, str]) -> Envelope:
        data = {"ver": 2, "metrics": [point], "properties": properties_of(properties)}
        time = utc_text(self._clock.time_ns())
        return envelope("MetricData", time, self._origin.tags, data, self._origin)

    def _heartbeat(self) -> dict[str, str]:
        """What says that the process lives, and what it is; the value, 0, that nothing is wrong with it."""
        return {
            "baseSdkTargetFramework": f"python {platform.python_version()}",
            "osType": platform.system(),
            "osVersion": platform.release(),
            "processSessionId": self._session_id,
            "sdkVersion": str(self._origin.tags.get("ai.internal.sdkVersion", "")),
        }


class MetricReporter(threading.Thread):
    """Sends a report every interval, and a last one at the end."""

    def __init__(self, report: MetricReport, interval_s: float, send: Callable[[list[Envelope]], None]) -> None:
        super().__init__(name="telemetry metrics", daemon=True)
        self._report = report
        self._interval_s = interval_s
        self._send = send
        self._ended = threading.Event()

    def run(self) -> None:
        """Report until the end."""
        execution_context.set_is_exporter(True)
        while not self._ended.wait(self._interval_s):
            self._send_report()

    def end(self) -> None:
        """Send the last report."""
        self._ended.set()
        self.join(_JOIN_TIMEOUT_S)
        self._send_report(ending=True)

    def _send_report(self, *, ending: bool = False) -> None:
        with handle_internal_errors("reporting metrics"):
            self._send(self._report.envelopes(ending=ending))


def _rates(series: Series, elapsed_s: float) -> dict[str, float]:
    """The counters that are rates: requests and exceptions a second, and milliseconds a request."""
    requests = [aggregate for (metric, _), aggregate in series.items() if metric is REQUEST_DURATION]
    exceptions = sum(aggregate.count for (metric, _), aggregate in series.items() if metric is EXCEPTION_COUNT)
    served = sum(aggregate.count for aggregate in requests)
    rates = {REQUEST_RATE: served / elapsed_s, EXCEPTION_RATE: exceptions / elapsed_s}
    if served:
        rates[REQUEST_TIME] = sum(aggregate.total for aggregate in requests) / served
    return rates


def _aggregated(name: str, aggregate: Aggregate) -> Envelope:
    return {
        "name": name,
        "kind": 1,
        "value": aggregate.total,
        "count": aggregate.count,
        "min": aggregate.least,
        "max": aggregate.greatest,
        "stdDev": aggregate.standard_deviation,
    }


def _measured(name: str, value: float) -> Envelope:
    return {"name": name, "kind": 0, "value": value, "count": 1}
