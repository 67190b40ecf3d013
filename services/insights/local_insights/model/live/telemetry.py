"""What telemetry tells of the servers that sent it, for those that do not speak the Live Metrics protocol.

Ingest hands over every batch it has kept, so this is written for speed: an item that is too old costs a comparison, any
other a few additions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from local_insights.model.item import Item, ItemType
from local_insights.model.live.conditions import Lookup, holds
from local_insights.model.live.configuration import COUNT, PROJECTED_DURATION, CustomMetric
from local_insights.model.live.item_facts import TELEMETRY_TYPES, fact
from local_insights.model.live.second import Aggregation, Measured, Second, Tally, aggregated
from local_insights.model.targets import is_in_process

SECOND_US = 1_000_000

_REQUEST, _DEPENDENCY, _EXCEPTION, _COUNTER = (
    ItemType.REQUEST.value,
    ItemType.DEPENDENCY.value,
    ItemType.EXCEPTION.value,
    ItemType.PERFORMANCE_COUNTER.value,
)
_SIGNS_OF_LIFE = (_REQUEST, _DEPENDENCY, _EXCEPTION, _COUNTER, ItemType.TRACE.value, ItemType.CUSTOM_EVENT.value)
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
    for item in items:
        end_us = item.time_us + (item.duration_us or 0)
        if end_us < oldest_us or item.item_type not in _SIGNS_OF_LIFE or item.sdk_version.startswith(_BROWSER_SDK):
            continue
        name = ServerName(item.role, item.role_instance)
        if name in found:
            found[name].append(item)
            oldest[name] = min(oldest[name], end_us)
        else:
            found[name] = [item]
            oldest[name] = end_us
    return {name: RecentItems(found[name], oldest[name]) for name in found}


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
    custom: dict[int, dict[str, Measured]] = {}
    for item in items:
        second = (item.time_us + (item.duration_us or 0) + shift_us) // SECOND_US
        own = sums.get(second)
        if own is None:
            own = sums[second] = [0.0] * len(Tally._fields)
        _add(own, item, gauges.setdefault(second, {}) if item.item_type == _COUNTER else None)
        for metric in metrics:
            measured = _measured(metric, item)
            if measured is not None:
                known = custom.setdefault(second, {})
                before = known.get(metric.id)
                known[metric.id] = measured if before is None else aggregated(before, measured, metric.aggregation)
    return {
        second: Second(
            Tally(*own),
            memory_bytes=gauges.get(second, {}).get(_MEMORY_COUNTER),
            cpu_percent=_cpu(gauges.get(second, {})),
            custom=custom.get(second, {}),
        )
        for second, own in sums.items()
    }


def _add(own: list[float], item: Item, gauges: dict[str, float] | None) -> None:
    """Add an item to the fields of a `Tally`, or a performance counter to the gauges."""
    kind, weight = item.item_type, item.item_count
    if kind == _REQUEST:
        own[0] += weight
        own[1] += 0 if item.success else weight
        if item.duration_us is not None:
            own[2] += item.duration_us * weight / 1000
            own[3] += weight
    elif kind == _DEPENDENCY:
        if not is_in_process(item.dependency_type):
            own[4] += weight
            own[5] += 0 if item.success else weight
            if item.duration_us is not None:
                own[6] += item.duration_us * weight / 1000
                own[7] += weight
    elif kind == _EXCEPTION:
        own[8] += weight
    elif gauges is not None and item.value is not None and item.name.startswith(_PROCESS_COUNTER):
        gauges[item.name[item.name.rfind("\\") :]] = item.value


def _cpu(gauges: Mapping[str, float]) -> float | None:
    return next((gauges[name] for name in _CPU_COUNTERS if name in gauges), None)


def _measured(metric: CustomMetric, item: Item) -> Measured | None:
    """What an item adds to a custom metric; None when it is none of the metric's."""
    if TELEMETRY_TYPES.get(str(item.item_type)) != metric.telemetry_type:
        return None
    lookup: Lookup = partial(fact, item)
    if not all(holds(condition, lookup) for condition in metric.conditions):
        return None
    weight = float(item.item_count)
    if metric.projection == COUNT:
        return Measured(weight, weight)
    if metric.projection == PROJECTED_DURATION:
        value = None if item.duration_us is None else item.duration_us / 1000
    else:
        value = _number(lookup(metric.projection))
    if value is None:
        return None
    return Measured(value * weight if metric.aggregation == Aggregation.SUM else value, weight)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
