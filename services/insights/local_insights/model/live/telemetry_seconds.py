"""Computes seconds from telemetry, for servers that do not report by the Live Metrics protocol.

It runs for every committed batch, so it is written for speed: an item that is too old costs a comparison, any other a
few additions.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from local_insights.model.item import Item, ItemType
from local_insights.model.live.conditions import Lookup, evaluate
from local_insights.model.live.configuration import COUNT, PROJECTED_DURATION, CustomMetric
from local_insights.model.live.item_lookup import TELEMETRY_TYPES, lookup_field
from local_insights.model.live.second import Aggregation, Counts, Second, WeightedValue, aggregate, finite
from local_insights.model.targets import is_in_process

SECOND_US = 1_000_000

_REQUEST, _DEPENDENCY, _EXCEPTION, _COUNTER = (
    ItemType.REQUEST.value,
    ItemType.DEPENDENCY.value,
    ItemType.EXCEPTION.value,
    ItemType.PERFORMANCE_COUNTER.value,
)
_SERVER_ITEMS = (_REQUEST, _DEPENDENCY, _EXCEPTION, _COUNTER, ItemType.TRACE.value, ItemType.CUSTOM_EVENT.value)
_COUNTED_FIELDS = itemgetter(*map(Item._fields.index, ("time_us", "item_type", "item_count", "duration_us", "success")))
"""Reading five fields in one call takes half the time of five reads."""
_REQUESTS = Counts._fields.index("requests")
_CALLS = Counts._fields.index("calls")
_EXCEPTIONS = Counts._fields.index("exceptions")
_MAY_BE_IN_PROCESS = ("i", "I")
_BROWSER_SDK = "javascript"
_PROCESS_COUNTER = r"\Process("
_MEMORY_COUNTER = r"\Private Bytes"
_CPU_COUNTERS = (r"\% Processor Time Normalized", r"\% Processor Time")
"""The first is a share of all cores. OpenCensus sends only the second, also divided by the number of cores."""


class ServerName(NamedTuple):
    """The server of an item."""

    role: str
    instance: str


@dataclass(frozen=True, slots=True)
class RecentItems:
    """Recent items of one server; `oldest_end_us` is the earliest end of an item."""

    items: Sequence[Item]
    oldest_end_us: int


def recent_by_server(items: Iterable[Item], oldest_us: int) -> dict[ServerName, RecentItems]:
    """Return the items that ended at `oldest_us` or later, by server. Items of browsers are dropped."""
    found: dict[ServerName, list[Item]] = {}
    oldest: dict[ServerName, int] = {}
    role = instance = None
    own: list[Item] = []
    for item in items:
        end_us = item.time_us + (item.duration_us or 0)
        if end_us < oldest_us or item.item_type not in _SERVER_ITEMS:
            continue
        if item.role != role or item.role_instance != instance:
            role, instance = item.role, item.role_instance
            name = ServerName(role, instance)
            own = found.setdefault(name, [])
            oldest.setdefault(name, end_us)
        own.append(item)
        if end_us < oldest[name]:  # noqa: PLR1730 (min takes twice the time)
            oldest[name] = end_us
    return {
        name: RecentItems(own, oldest[name])
        for name, own in found.items()
        if not own[0].sdk_version.startswith(_BROWSER_SDK)
    }


def seconds_of(items: Iterable[Item], shift_us: int, metrics: Sequence[CustomMetric] = ()) -> dict[int, Second]:
    """Return the seconds of one server, by the number of the second since 1970.

    An item is counted in the second in which it ended, as in the Live Metrics protocol. In-process spans are not calls.

    Args:
        items: of one server.
        shift_us: microseconds to add to the end of every item.
        metrics: custom metrics to compute.
    """
    sums: dict[int, list[float]] = {}
    gauges: dict[int, dict[str, float]] = {}
    custom: dict[int, dict[str, WeightedValue]] = {}
    for item in items:
        ended_us, kind, weight, duration_us, success = _COUNTED_FIELDS(item)
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
            _read_gauge(gauges.setdefault(second, {}), item)
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
    """Add a request or call to the four fields of `Counts` that begin at index `first`."""
    own[first] += weight
    if not success:
        own[first + 1] += weight
    if duration_us is not None:
        own[first + 2] += duration_us * weight / 1000
        own[first + 3] += weight


def _measure(known: dict[str, WeightedValue], item: Item, metrics: Sequence[CustomMetric]) -> None:
    """Add an item to the custom metrics that it matches."""
    for metric in metrics:
        measured = _measured(metric, item)
        if measured is not None:
            before = known.get(metric.id)
            known[metric.id] = measured if before is None else aggregate(before, measured, metric.aggregation)


def _read_gauge(gauges: dict[str, float], item: Item) -> None:
    """Store the value of a performance counter of the process."""
    if item.value is not None and item.name.startswith(_PROCESS_COUNTER):
        gauges[item.name[item.name.rfind("\\") :]] = item.value


def _cpu(gauges: Mapping[str, float]) -> float | None:
    return next((gauges[name] for name in _CPU_COUNTERS if name in gauges), None)


def _measured(metric: CustomMetric, item: Item) -> WeightedValue | None:
    """Return the value of an item for a custom metric; None when the item does not match."""
    if TELEMETRY_TYPES.get(str(item.item_type)) != metric.telemetry_type:
        return None
    lookup: Lookup = partial(lookup_field, item)
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
    return WeightedValue(finite(value * weight) if metric.aggregation == Aggregation.SUM else value, weight)


def _number(text: str | None) -> float | None:
    """Return a text as a finite number; None for other texts."""
    try:
        number = None if text is None else float(text)
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None
