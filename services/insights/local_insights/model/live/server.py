"""One server of Live Metrics, and the rules that assign reports and telemetry to seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from local_insights.model.live.configuration import CustomMetric
from local_insights.model.live.second import Aggregation, Counts, Second, aggregate

WINDOW_S = 60
"""The length of the charts."""
MAX_DELAY_S = 20
"""The maximum age of telemetry that is counted. OpenCensus exports every 15 s by default."""
OFFLINE_AFTER_S = 20
"""A server that reports every second is offline when no report arrived for this long."""
CATCH_UP = 0.1
_EARLY_S, _LATE_S = 0.4, 1.5


class Source(StrEnum):
    """The source of a server's numbers."""

    PROTOCOL = "protocol"
    TELEMETRY = "telemetry"


@dataclass(slots=True)
class Server:
    """One server. Times are seconds since 1970 by the clock of this machine.

    `seconds` maps the number of a second to its values: those of the charts, and those that are not shown yet.
    `delay_s` is the delay with which telemetry is shown, so that a second is complete when it is shown.
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
        """Seconds after the last report or telemetry until the server is offline. Idle servers send no telemetry."""
        return OFFLINE_AFTER_S if self.source is Source.PROTOCOL else WINDOW_S

    def is_online(self, now_s: float) -> bool:
        """Return whether the server is online."""
        return now_s - self.last_seen_s <= self.offline_after_s

    def is_expired(self, now_s: float) -> bool:
        """Return whether all values of the server are older than the charts."""
        return now_s - self.last_seen_s > WINDOW_S

    def report(self, second: Second, now_s: float) -> None:
        """Store a report that arrived at `now_s`."""
        number = next_second(self.newest, now_s)
        if self.newest is not None and number == self.newest + 2:
            self.seconds[number - 1] = second
        self.seconds[number] = second
        self.newest = number
        self.last_seen_s = now_s

    def add(self, seconds: Mapping[int, Second], metrics: Sequence[CustomMetric], now_s: float) -> None:
        """Add seconds from telemetry. Seconds in the future (of a clock that is ahead) are added to the current one."""
        latest = int(now_s + self.delay_s)
        for number, second in seconds.items():
            shown = min(number, latest)
            known = self.seconds.get(shown)
            self.seconds[shown] = second if known is None else merged(known, second, metrics)

    def update_delay(self, age_s: float, now_s: float) -> float:
        """Update the delay for telemetry whose oldest item has this age; return the delay in seconds."""
        self.delay_s = delay_after(self.delay_s, age_s, now_s - self.last_seen_s)
        self.last_seen_s = now_s
        return self.delay_s

    def delete_before(self, number: int) -> None:
        """Delete the seconds before one."""
        if self.seconds and min(self.seconds) < number:
            self.seconds = {second: known for second, known in self.seconds.items() if second >= number}

    def copy(self) -> "Server":
        """Return a copy that later reports do not change."""
        return replace(self, seconds=dict(self.seconds))


def next_second(newest: int | None, now_s: float) -> int:
    """Return the number of the second of a report that arrives now.

    Servers report once a second, a few milliseconds early or late, so two reports can arrive within one second and none
    in the next. A report is assigned to the second after the previous one, unless the clock differs from it too much.
    """
    if newest is not None and now_s - _LATE_S <= newest + 1 <= now_s + _EARLY_S:
        return newest + 1
    return int(now_s)


def delay_after(delay_s: float, age_s: float, elapsed_s: float) -> float:
    """Return the delay, in seconds, with which a server's telemetry is shown after items of the age `age_s` arrived.

    Exporters send in batches, so without delay the newest second would never be complete. All items are shown with the
    age of the oldest item of a batch as delay. After a late batch, the delay decreases by a tenth of a second per
    second, so that rates are a tenth too high at most until then.
    """
    return min(max(age_s, delay_s - CATCH_UP * max(elapsed_s, 0.0), 0.0), float(MAX_DELAY_S))


def merged(one: Second, other: Second, metrics: Sequence[CustomMetric]) -> Second:
    """Merge two parts of the same second of one server; of memory and CPU, the later value is used."""
    custom = dict(one.custom)
    aggregations = {metric.id: metric.aggregation for metric in metrics}
    for name, measured in other.custom.items():
        aggregation = aggregations.get(name, Aggregation.SUM)
        custom[name] = aggregate(custom[name], measured, aggregation) if name in custom else measured
    return Second(
        Counts(*map(sum, zip(one.counts, other.counts, strict=True))),
        one.memory_bytes if other.memory_bytes is None else other.memory_bytes,
        one.cpu_percent if other.cpu_percent is None else other.cpu_percent,
        custom,
    )
