"""One server of the live board, and the rules of its clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from local_insights.model.live.configuration import CustomMetric
from local_insights.model.live.second import Aggregation, Counts, Second, aggregate

WINDOW_S = 60
"""How far back the charts reach."""
MAX_DELAY_S = 20
"""How late telemetry may come to be shown at all. OpenCensus sends every 15 s where nobody has set it otherwise."""
OFFLINE_AFTER_S = 20
"""A server that speaks every second is taken for gone when it has been silent for so long."""
CATCH_UP = 0.1
_EARLY_S, _LATE_S = 0.4, 1.5


class Source(StrEnum):
    """How a server is known."""

    PROTOCOL = "protocol"
    TELEMETRY = "telemetry"


@dataclass(slots=True)
class Server:
    """What is known of one server. Times are seconds since 1970 by this machine's clock.

    `seconds` maps the number of a second to what was done in it; it evaluate what the charts reach back to, and what is
    still due. `delay_s` is how much later than it happened telemetry is shown, so that a second is complete when it is.
    """

    id: str
    source: Source
    role: str
    instance: str
    machine: str
    sdk_version: str
    last_seen_s: float
    seconds: dict[int, Second] = field(default_factory=dict)
    delay_s: float = 0.0
    newest: int | None = None
    errors: tuple[str, ...] = ()

    @property
    def offline_after_s(self) -> int:
        """Silence after which the server is no longer listed. Telemetry without traffic is silent, too."""
        return OFFLINE_AFTER_S if self.source is Source.PROTOCOL else WINDOW_S

    def is_online(self, now_s: float) -> bool:
        """Whether the server counts as running."""
        return now_s - self.last_seen_s <= self.offline_after_s

    def is_expired(self, now_s: float) -> bool:
        """Whether nothing of the server can be shown any more."""
        return now_s - self.last_seen_s > WINDOW_S

    def report(self, second: Second, now_s: float) -> None:
        """Take in what the server said of itself a moment ago."""
        number = next_second(self.newest, now_s)
        if self.newest is not None and number == self.newest + 2:
            self.seconds[number - 1] = second
        self.seconds[number] = second
        self.newest = number
        self.last_seen_s = now_s

    def add(self, seconds: Mapping[int, Second], metrics: Sequence[CustomMetric], now_s: float) -> None:
        """Take in what telemetry tells. A clock that is ahead tells of a future; it counts as now."""
        latest = int(now_s + self.delay_s)
        for number, second in seconds.items():
            shown = min(number, latest)
            known = self.seconds.get(shown)
            self.seconds[shown] = second if known is None else merged(known, second, metrics)

    def delay_of(self, age_s: float, now_s: float) -> float:
        """Take note of how old the oldest of some telemetry is; returns how late it is to be shown."""
        self.delay_s = delay_after(self.delay_s, age_s, now_s - self.last_seen_s)
        self.last_seen_s = now_s
        return self.delay_s

    def delete_before(self, number: int) -> None:
        """Let go of the seconds before one."""
        if self.seconds and min(self.seconds) < number:
            self.seconds = {second: known for second, known in self.seconds.items() if second >= number}

    def copy(self) -> "Server":
        """The server as it is now."""
        return replace(self, seconds=dict(self.seconds))


def next_second(newest: int | None, now_s: float) -> int:
    """The second that a report arriving now is about.

    Servers report once a second, but not on the second, and a few milliseconds off: two reports can fall into one
    second and none into the next. So each takes the second after the one before, unless the clock is far from it.
    """
    if newest is not None and now_s - _LATE_S <= newest + 1 <= now_s + _EARLY_S:
        return newest + 1
    return int(now_s)


def delay_after(delay_s: float, age_s: float, elapsed_s: float) -> float:
    """How late a server's telemetry is shown, after some of it came that was `age_s` old.

    Exporters send in batches: shown as old as it is, the newest second would never be complete. So all is shown as late
    as the oldest of a batch was. After a batch that was late for once the delay comes down by a tenth of a second each
    second, so that the seconds in which it catches up look busier by a tenth at most.
    """
    return min(max(age_s, delay_s - CATCH_UP * max(elapsed_s, 0.0), 0.0), float(MAX_DELAY_S))


def merged(one: Second, other: Second, metrics: Sequence[CustomMetric]) -> Second:
    """Two parts of the same second of one server; of memory and CPU the later value."""
    custom = dict(one.custom)
    aggregations = {metric.id: metric.aggregation for metric in metrics}
    for name, measured in other.custom.items():
        aggregation = aggregations.get(name, Aggregation.SUM)
        custom[name] = aggregate(custom[name], measured, aggregation) if name in custom else measured
    return Second(
        Counts(*map(sum, zip(one.tally, other.tally, strict=True))),
        one.memory_bytes if other.memory_bytes is None else other.memory_bytes,
        one.cpu_percent if other.cpu_percent is None else other.cpu_percent,
        custom,
    )
