"""The values of Live Metrics over all servers or one, second by second."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from local_insights.model.live.configuration import CustomMetric, LiveConfiguration
from local_insights.model.live.document import FeedDocument
from local_insights.model.live.live_state import LiveStateCopy
from local_insights.model.live.second import NO_COUNTS, Counts, Second, WeightedValue, aggregate
from local_insights.model.live.server import WINDOW_S, Server, Source

GAUGE_VALID_S = WINDOW_S
"""Seconds for which the last reported memory and CPU are used."""

Series = tuple[float | None, ...]
"""The values of each second of the window, oldest first; None without a value."""

MEASURES = (
    "requests_per_second",
    "request_duration_ms",
    "failed_requests_per_second",
    "calls_per_second",
    "call_duration_ms",
    "failed_calls_per_second",
    "memory_bytes",
    "cpu_percent",
    "exceptions_per_second",
)
"""The built-in measures. Calls are dependencies."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """One server with its values of the newest second."""

    id: str
    source: Source
    role: str
    instance: str
    machine: str
    sdk_version: str
    idle_s: float
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The last minute. `second` is the number of the newest complete second.

    `series` maps each of `MEASURES`, and the id of each custom metric, to its values. `errors` are reports of servers
    about filters that they cannot apply, except the default ones.
    """

    now_s: float
    second: int
    servers: tuple[ServerState, ...]
    series: Mapping[str, Series]
    documents: tuple[FeedDocument, ...]
    configuration: LiveConfiguration
    errors: tuple[str, ...]

    def latest(self, measure: str) -> float | None:
        """Return the value of the newest second."""
        return self.series[measure][-1]


def snapshot(state: LiveStateCopy, server_id: str = "") -> Snapshot:
    """Return the values of all servers, or of one server.

    Rates and memory are summed over servers. Durations are averaged with the number of calls as weight, CPU without.
    Seconds before the first report have no values; seconds without activity have rates of 0.
    """
    second = int(state.now_s) - 1
    numbers = range(second - WINDOW_S + 1, second + 1)
    chosen = [server for server in state.servers if not server_id or server.id == server_id]
    metrics = state.configuration.metrics
    return Snapshot(
        now_s=state.now_s,
        second=second,
        servers=tuple(
            _server_state(server, second, state.now_s)
            for server in _ordered(state.servers)
            if server.is_online(state.now_s)
        ),
        series=_series(chosen, numbers) | _custom_series(chosen, numbers, metrics),
        documents=tuple(one for one in state.documents if not server_id or one.server_id == server_id),
        configuration=state.configuration,
        errors=tuple(
            sorted(
                {
                    error
                    for server in chosen
                    for error in server.errors
                    if not state.configuration.is_about_defaults(error)
                }
            )
        ),
    )


def _series(servers: Sequence[Server], numbers: range) -> dict[str, Series]:
    sums = [[0.0] * len(Counts._fields) for _ in numbers]
    begins = min((min(server.seconds, default=numbers.stop) for server in servers), default=numbers.stop)
    for server in servers:
        for number, known in server.seconds.items():
            if number in numbers:
                own = sums[number - numbers.start]
                for index, value in enumerate(known.counts):
                    own[index] += value
    counts = [Counts(*own) for own in sums]
    memory, cpu = _gauges(servers, numbers)

    def rates(field: str) -> Series:
        return tuple(
            None if number < begins else getattr(count, field) for number, count in zip(numbers, counts, strict=True)
        )

    return {
        "requests_per_second": rates("requests"),
        "request_duration_ms": tuple(count.request_duration_ms for count in counts),
        "failed_requests_per_second": rates("failed_requests"),
        "calls_per_second": rates("calls"),
        "call_duration_ms": tuple(count.call_duration_ms for count in counts),
        "failed_calls_per_second": rates("failed_calls"),
        "memory_bytes": memory,
        "cpu_percent": cpu,
        "exceptions_per_second": rates("exceptions"),
    }


def _gauges(servers: Sequence[Server], numbers: range) -> tuple[Series, Series]:
    """Return the sum of memory and the mean of CPU over the online servers, second by second.

    A value applies until the server reports the next one.
    """
    memory: list[list[float]] = [[] for _ in numbers]
    cpu: list[list[float]] = [[] for _ in numbers]
    for server in servers:
        end = min(numbers.stop, int(server.last_seen_s) + server.offline_after_s)
        for index, (bytes_, percent) in enumerate(_last_gauges(server, range(numbers.start, end))):
            if bytes_ is not None:
                memory[index].append(bytes_)
            if percent is not None:
                cpu[index].append(percent)
    return (
        tuple(sum(values) if values else None for values in memory),
        tuple(sum(values) / len(values) if values else None for values in cpu),
    )


def _last_gauges(server: Server, numbers: range) -> Iterable[tuple[float | None, float | None]]:
    """Yield the last reported memory and CPU for each second."""
    memory = cpu = None
    for number in numbers:
        known = server.seconds.get(number)
        if known is not None:
            memory = memory if known.memory_bytes is None else known.memory_bytes
            cpu = cpu if known.cpu_percent is None else known.cpu_percent
        yield memory, cpu


def _custom_series(servers: Sequence[Server], numbers: range, metrics: Sequence[CustomMetric]) -> dict[str, Series]:
    return {
        metric.id: tuple(
            _custom_value([known for server in servers if (known := server.seconds.get(number))], metric)
            for number in numbers
        )
        for metric in metrics
    }


def _custom_value(seconds: Iterable[Second], metric: CustomMetric) -> float | None:
    total: WeightedValue | None = None
    for second in seconds:
        own = second.custom.get(metric.id)
        if own is not None:
            total = own if total is None else aggregate(total, own, metric.aggregation)
    return None if total is None else total.value


def _server_state(server: Server, second: int, now_s: float) -> ServerState:
    known = server.seconds.get(second)
    counts = known.counts if known else NO_COUNTS
    *_, (memory, cpu) = _last_gauges(server, range(second - GAUGE_VALID_S, second + 1))
    return ServerState(
        id=server.id,
        source=server.source,
        role=server.role,
        instance=server.instance,
        machine=server.machine,
        sdk_version=server.sdk_version,
        idle_s=max(now_s - server.last_seen_s, 0.0),
        values={
            "requests_per_second": counts.requests,
            "request_duration_ms": counts.request_duration_ms,
            "failed_requests_per_second": counts.failed_requests,
            "calls_per_second": counts.calls,
            "call_duration_ms": counts.call_duration_ms,
            "failed_calls_per_second": counts.failed_calls,
            "memory_bytes": memory,
            "cpu_percent": cpu,
            "exceptions_per_second": counts.exceptions,
        },
    )


def _ordered(servers: Iterable[Server]) -> list[Server]:
    return sorted(servers, key=lambda server: (server.role, server.instance, server.id))
