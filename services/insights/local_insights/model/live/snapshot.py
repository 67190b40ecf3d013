"""The board as one picture: figures over all servers or one, second by second."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from local_insights.model.live.configuration import CustomMetric, LiveConfiguration
from local_insights.model.live.document import FeedDocument
from local_insights.model.live.live_state import LiveStateCopy
from local_insights.model.live.second import NOTHING, Counts, Second, WeightedValue, aggregate
from local_insights.model.live.server import WINDOW_S, Server, Source

GAUGE_HELD_S = WINDOW_S
"""How long memory and CPU are taken to stay as they were last reported."""

Series = tuple[float | None, ...]
"""A figure in each second of the window, oldest first; None where there is none."""

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
"""The figures that everybody sees. Calls are those of dependencies."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """One server with its figures of the newest second."""

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
    """The last minute. The newest second, `second`, is the last that is over.

    `series` maps each of `MEASURES`, and the id of each custom metric, to its figures. `errors` are what servers said
    of the filters they were asked to follow.
    """

    now_s: float
    second: int
    servers: tuple[ServerState, ...]
    series: Mapping[str, Series]
    documents: tuple[FeedDocument, ...]
    configuration: LiveConfiguration
    errors: tuple[str, ...]

    def latest(self, measure: str) -> float | None:
        """The figure of the newest second."""
        return self.series[measure][-1]


def snapshot(state: LiveStateCopy, server_id: str = "") -> Snapshot:
    """Make the picture; of one server alone when one is named.

    Rates and memory are summed over servers, durations averaged by the calls they are the mean of, CPU averaged.
    Seconds before the first server was heard of have no figures, seconds in which nobody did anything have rates of 0.
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
        errors=tuple(sorted({error for server in chosen for error in server.errors})),
    )


def _series(servers: Sequence[Server], numbers: range) -> dict[str, Series]:
    sums = [[0.0] * len(Counts._fields) for _ in numbers]
    begins = min((min(server.seconds, default=numbers.stop) for server in servers), default=numbers.stop)
    for server in servers:
        for number, known in server.seconds.items():
            if number in numbers:
                own = sums[number - numbers.start]
                for place, value in enumerate(known.tally):
                    own[place] += value
    item_counts = [Counts(*own) for own in sums]
    memory, cpu = _gauges(servers, numbers)

    def rates(field: str) -> Series:
        return tuple(
            None if number < begins else getattr(tally, field)
            for number, tally in zip(numbers, item_counts, strict=True)
        )

    return {
        "requests_per_second": rates("requests"),
        "request_duration_ms": tuple(tally.request_duration_ms for tally in item_counts),
        "failed_requests_per_second": rates("failed_requests"),
        "calls_per_second": rates("calls"),
        "call_duration_ms": tuple(tally.call_duration_ms for tally in item_counts),
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
        for place, (bytes_, percent) in enumerate(_held(server, range(numbers.start, end))):
            if bytes_ is not None:
                memory[place].append(bytes_)
            if percent is not None:
                cpu[place].append(percent)
    return (
        tuple(sum(values) if values else None for values in memory),
        tuple(sum(values) / len(values) if values else None for values in cpu),
    )


def _held(server: Server, numbers: range) -> Iterable[tuple[float | None, float | None]]:
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
    tally = known.tally if known else NOTHING
    *_, (memory, cpu) = _held(server, range(second - GAUGE_HELD_S, second + 1))
    return ServerState(
        id=server.id,
        source=server.source,
        role=server.role,
        instance=server.instance,
        machine=server.machine,
        sdk_version=server.sdk_version,
        idle_s=max(now_s - server.last_seen_s, 0.0),
        values={
            "requests_per_second": tally.requests,
            "request_duration_ms": tally.request_duration_ms,
            "failed_requests_per_second": tally.failed_requests,
            "calls_per_second": tally.calls,
            "call_duration_ms": tally.call_duration_ms,
            "failed_calls_per_second": tally.failed_calls,
            "memory_bytes": memory,
            "cpu_percent": cpu,
            "exceptions_per_second": tally.exceptions,
        },
    )


def _ordered(servers: Iterable[Server]) -> list[Server]:
    return sorted(servers, key=lambda server: (server.role, server.instance, server.id))
