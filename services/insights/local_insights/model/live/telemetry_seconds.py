"""What telemetry tells of the servers that sent it, for those that do not speak the Live Metrics protocol.

Ingest hands over every batch it has kept, so this is written for speed: an item that is too old costs a comparison, any
other a few additions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from local_insights.model.item import Item, ItemType
from local_insights.model.live.conditions import Lookup, evaluate
from local_insights.model.live.configuration import COUNT, PROJECTED_DURATION, CustomMetric
from local_insights.model.live.item_lookup import TELEMETRY_TYPES, fact
from local_insights.model.live.second import Aggregation, Counts, Second, WeightedValue, aggregate
from local_insights.model.targets import is_in_process

SECOND_US = 1_000_000

_REQUEST, _DEPENDENCY, _EXCEPTION, _COUNTER = (
    ItemType.REQUEST.value,
    ItemType.DEPENDENCY.value,
    ItemType.EXCEPTION.value,
    ItemType.PERFORMANCE_COUNTER.value,
)
_SIGNS_OF_LIFE = (_REQUEST, _DEPENDENCY, _EXCEPTION, _COUNTER, ItemType.TRACE.value, ItemType.CUSTOM_EVENT.value)
_TALLIED = itemgetter(*map(Item._fields.index, ("time_us", "item_type", "item_count", "duration_us", "success")))
"""Five fields at once take half the time of one after the other."""
_REQUESTS = Counts._fields.index("requests")
_CALLS = Counts._fields.index("calls")
_EXCEPTIONS = Counts._fields.index("exceptions")
_MAY_BE_IN_PROCESS = ("i", "I")
_BROWSER_SDK = "javascript"
_PROCESS_COUNTER = r"\Process("
_MEMORY_COUNTER = r"\Private Bytes"
_CPU_COUNTERS = (r"\% Processor Time Normalized", r"\% Processor Time")
"""The first is a share of all cores. OpenCensus has only the second name, and divides by the cores as well."""


class ServerName(NamedTuple):
    """Which server an item is of."""

    role: str
    instance: str


@dataclass(frozen=True, slots=True)
class RecentItems:
    """Items of one server that ended a moment ago; `oldest_end_us` is the earliest of their ends."""

    items: Sequence[Item]
    oldest_end_us: int


def recent_by_server(items: Iterable[Item], oldest_us: int) -> dict[ServerName, RecentItems]:
    """The items that ended at `oldest_us` or later, by server; browsers are no servers."""
    found: dict[ServerName, list[Item]] = {}
    oldest: dict[ServerName, int] = {}
    role = instance = None
    own: list[Item] = []
    for item in items:
        end_us = item.time_us + (item.duration_us or 0)
        if end_us < oldest_us or item.item_type not in _SIGNS_OF_LIFE:
            continue
        if item.role != role or item.role_instance != instance:
            role, instance = item.role, item.role_instance
            name = ServerName(role, instance)
            own = found.setdefault(name, [])
            oldest.setdefault(name, end_us)
        own.append(item)
        if end_us < oldest[name]:  # noqa: PLR1730 (half as fast with min)
            oldest[name] = end_us
    return {
        name: RecentItems(own, oldest[name])
        for name, own in found.items()
        if not own[0].sdk_version.startswith(_BROWSER_SDK)
    }


def seconds_of(items: Iterable[Item], shift_us: int, metrics: Sequence[CustomMetric] = ()) -> dict[int, Second]:
    """What one server did in each second, by the number of the second since 1970.

    An item counts in the second it ended in, because that is when the Live Metrics protocol counts it. Spans inside a
    process are not calls.

    Args:
        items: of one server.
        shift_us: how much later than they did the items are taken to have ended.
        metrics: custom metrics to count.
    """
    sums: dict[int, list[float]] = {}
    gauges: dict[int, dict[str, float]] = {}
    custom: dict[int, dict[str, WeightedValue]] = {}
    for item in items:
        ended_us, kind, weight, duration_us, success = _TALLIED(item)
        if duration_us is not None:
            ended_us += duration_us
        second = (ended_us + shift_us) // SECOND_US
        own = sums.get(second)
        if own is None:
            own = sums[second] = [0.0] * len(Counts._fields)
        if kind == _REQUEST:
            _add(own, _REQUESTS, weight, duration_us, success)
        elif kind == _DEPENDENCY:
            if item.dependency_type[:1] not in _MAY_BE_IN_PROCESS or not is_in_process(item.dependency_type):
                _add(own, _CALLS, weight, duration_us, success)
        elif kind == _EXCEPTION:
            own[_EXCEPTIONS] += weight
        elif kind == _COUNTER:
            _note(gauges.setdefault(second, {}), item)
        if metrics:
            _measure(custom.setdefault(second, {}), item, metrics)
    return {
        second: Second(
            Counts(*own),
            memory_bytes=gauges.get(second, {}).get(_MEMORY_COUNTER),
            cpu_percent=_cpu(gauges.get(second, {})),
            custom=custom.get(second, {}),
        )
        for second, own in sums.items()
    }


def _add(own: list[float], first: int, weight: int, duration_us: int | None, success: bool | None) -> None:  # noqa: FBT001 (an item's own flag)
    """Add a request or call to the fields of a `Counts`, of which `first` is the first that matters."""
    own[first] += weight
    if not success:
        own[first + 1] += weight
    if duration_us is not None:
        own[first + 2] += duration_us * weight / 1000
        own[first + 3] += weight


def _measure(known: dict[str, WeightedValue], item: Item, metrics: Sequence[CustomMetric]) -> None:
    """Add an item to the custom metrics that it is one of."""
    for metric in metrics:
        measured = _measured(metric, item)
        if measured is not None:
            before = known.get(metric.id)
            known[metric.id] = measured if before is None else aggregate(before, measured, metric.aggregation)


def _note(gauges: dict[str, float], item: Item) -> None:
    """Keep a performance counter of the process."""
    if item.value is not None and item.name.startswith(_PROCESS_COUNTER):
        gauges[item.name[item.name.rfind("\\") :]] = item.value


def _cpu(gauges: Mapping[str, float]) -> float | None:
    return next((gauges[name] for name in _CPU_COUNTERS if name in gauges), None)


def _measured(metric: CustomMetric, item: Item) -> WeightedValue | None:
    """What an item adds to a custom metric; None when it is none of the metric's."""
    if TELEMETRY_TYPES.get(str(item.item_type)) != metric.telemetry_type:
        return None
    lookup: Lookup = partial(fact, item)
    if not all(evaluate(condition, lookup) for condition in metric.conditions):
        return None
    weight = float(item.item_count)
    if metric.projection == COUNT:
        return WeightedValue(weight, weight)
    if metric.projection == PROJECTED_DURATION:
        value = None if item.duration_us is None else item.duration_us / 1000
    else:
        value = _number(lookup(metric.projection))
    if value is None:
        return None
    return WeightedValue(value * weight if metric.aggregation == Aggregation.SUM else value, weight)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
