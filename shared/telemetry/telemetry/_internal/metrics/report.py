"""The report of an interval: standard metrics, custom metrics, performance counters and the heartbeat."""

import platform
import threading
import uuid
from collections.abc import Callable, Mapping

from opencensus.trace import execution_context

from telemetry._internal.envelopes.envelopes import Envelope, Resource, envelope, to_properties
from telemetry._internal.formatting import utc_text
from telemetry._internal.ids_and_clock import Clock
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.metrics.aggregates import Aggregate, Aggregates, Series
from telemetry._internal.metrics.counters import EXCEPTION_RATE, REQUEST_RATE, REQUEST_TIME, ProcessCounters
from telemetry._internal.metrics.standard import EXCEPTION_COUNT, REQUEST_DURATION

_HEARTBEAT_INTERVAL_S = 900.0
_JOIN_TIMEOUT_S = 1.0


class MetricReport:
    """Creates the metric envelopes of the interval since the last report."""

    def __init__(self, aggregates: Aggregates, resource: Resource, clock: Clock) -> None:
        self._aggregates = aggregates
        self._resource = resource
        self._clock = clock
        self._counters = ProcessCounters(clock)
        self._since = clock.monotonic()
        self._heartbeat_at = self._since
        self._session_id = str(uuid.uuid4())

    def envelopes(self, *, final: bool = False) -> list[Envelope]:
        """Return the envelopes of the interval that has just ended.

        Args:
            final: Return only aggregates, which would be lost otherwise, without counters and heartbeat. The last
                interval is shorter than the others, and the CPU and the rates of a short script are not useful.
        """
        now = self._clock.monotonic()
        elapsed_s, self._since = now - self._since, now
        series = self._aggregates.take()
        period = {"_MS.AggregationIntervalMs": str(round(elapsed_s * 1000))}
        envelopes = [
            self._envelope(_aggregate_point(metric.name, aggregate), metric.properties(values) | period)
            for (metric, values), aggregate in series.items()
        ]
        if final or elapsed_s <= 0:
            return envelopes
        counters = self._counters.read() | _rates(series, elapsed_s)
        envelopes += [self._envelope(_point(name, value), {}) for name, value in counters.items()]
        if now >= self._heartbeat_at:
            self._heartbeat_at = now + _HEARTBEAT_INTERVAL_S
            envelopes.append(self._envelope(_point("HeartbeatState", 0.0), self._heartbeat()))
        return envelopes

    def _envelope(self, point: Envelope, properties: Mapping[str, str]) -> Envelope:
        data = {"ver": 2, "metrics": [point], "properties": to_properties(properties)}
        time = utc_text(self._clock.time_ns())
        return envelope("MetricData", time, self._resource.tags, data, self._resource)

    def _heartbeat(self) -> dict[str, str]:
        """Return the properties of the heartbeat. The value of the metric is 0: the process is healthy."""
        return {
            "baseSdkTargetFramework": f"python {platform.python_version()}",
            "osType": platform.system(),
            "osVersion": platform.release(),
            "processSessionId": self._session_id,
            "sdkVersion": str(self._resource.tags.get("ai.internal.sdkVersion", "")),
        }


class MetricReporter(threading.Thread):
    """Sends a report every interval, and a final one at the end."""

    def __init__(self, report: MetricReport, interval_s: float, send: Callable[[list[Envelope]], None]) -> None:
        super().__init__(name="telemetry metrics", daemon=True)
        self._report = report
        self._interval_s = interval_s
        self._send = send
        self._ended = threading.Event()

    def run(self) -> None:
        """Send reports until `end` is called."""
        execution_context.set_is_exporter(True)
        while not self._ended.wait(self._interval_s):
            self._send_report()

    def end(self) -> None:
        """Stop the thread and send the final report."""
        self._ended.set()
        self.join(_JOIN_TIMEOUT_S)
        self._send_report(final=True)

    def _send_report(self, *, final: bool = False) -> None:
        with handle_internal_errors("reporting metrics"):
            self._send(self._report.envelopes(final=final))


def _rates(series: Series, elapsed_s: float) -> dict[str, float]:
    """Return requests and exceptions per second, and milliseconds per request."""
    requests = [aggregate for (metric, _), aggregate in series.items() if metric is REQUEST_DURATION]
    exceptions = sum(aggregate.count for (metric, _), aggregate in series.items() if metric is EXCEPTION_COUNT)
    served = sum(aggregate.count for aggregate in requests)
    rates = {REQUEST_RATE: served / elapsed_s, EXCEPTION_RATE: exceptions / elapsed_s}
    if served:
        rates[REQUEST_TIME] = sum(aggregate.total for aggregate in requests) / served
    return rates


def _aggregate_point(name: str, aggregate: Aggregate) -> Envelope:
    return {
        "name": name,
        "kind": 1,
        "value": aggregate.total,
        "count": aggregate.count,
        "min": aggregate.minimum,
        "max": aggregate.maximum,
        "stdDev": aggregate.standard_deviation,
    }


def _point(name: str, value: float) -> Envelope:
    return {"name": name, "kind": 0, "value": value, "count": 1}
