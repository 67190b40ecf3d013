"""A reference implementation of selection queries: item by item, in plain loops, without optimization."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import Selection
from local_insights.model.time_range import TimeRange


def selected(items: Iterable[Item], selection: Selection, time_range: TimeRange) -> list[Item]:
    """Return the items of a selection that started in a range."""
    return [item for item in items if _belongs(item, selection) and _within(item, time_range)]


def failed(items: Iterable[Item]) -> list[Item]:
    """Return the items without success, and exceptions; other items without an outcome did not fail."""
    return [item for item in items if item.success is False or item.item_type == ItemType.EXCEPTION]


def weight(items: Iterable[Item]) -> int:
    """Return the number of events that the items represent under sampling."""
    return sum(item.item_count for item in items)


def failed_percent(items: Sequence[Item]) -> float:
    """Return the percentage of failed events."""
    return 100 * weight(failed(items)) / weight(items)


def total_ms(items: Iterable[Item]) -> float:
    """Return the total duration of all events in milliseconds."""
    return sum((item.duration_us or 0) * item.item_count for item in items) / 1000


def percentile_ms(items: Iterable[Item], share: float) -> float | None:
    """Return the exact percentile of all events in milliseconds."""
    events = sorted(
        item.duration_us / 1000 for item in items if item.duration_us is not None for _ in range(item.item_count)
    )
    if not events:
        return None
    return next(value for rank, value in enumerate(events, start=1) if rank >= share * len(events))


def failing_with(items: Iterable[Item], others: Iterable[Item]) -> list[Item]:
    """Return the items of operations in which any of the others failed."""
    operations = {other.operation_id for other in failed(others)} - {""}
    return [item for item in items if item.operation_id in operations]


def grouped(items: Iterable[Item], by: Sequence[str]) -> dict[tuple[str, ...], list[Item]]:
    """Group the items by the values of some fields."""
    groups = defaultdict(list)
    for item in items:
        groups[tuple(str(getattr(item, field)) for field in by)].append(item)
    return dict(groups)


def first_groups(items: Iterable[Item], by: Sequence[str], order: str, limit: int) -> list[tuple[str, ...]]:
    """Return the names of the first groups in an order."""
    measures = {"calls": weight, "failed": lambda group: weight(failed(group)), "duration": total_ms}
    groups = grouped(items, by)
    measure = measures[order]
    return sorted(groups, key=lambda name: (-measure(groups[name]), -weight(groups[name]), name))[:limit]


def by_step(items: Iterable[Item], time_range: TimeRange, steps: int) -> dict[int, list[Item]]:
    """Group the items by the step of the range in which they started."""
    found = defaultdict(list)
    for item in items:
        found[(item.time_us - time_range.start_us) * steps // time_range.duration_us].append(item)
    return dict(found)


def _within(item: Item, time_range: TimeRange) -> bool:
    return time_range.start_us <= item.time_us < time_range.end_us


def _belongs(item: Item, selection: Selection) -> bool:
    fields = ("role", "name", "dependency_type", "target", "result_code")
    expected = {field: value for field in fields if (value := getattr(selection, field)) is not None}
    if item.item_type != selection.item_type or any(getattr(item, field) != value for field, value in expected.items()):
        return False
    if selection.failed_only and item.success is True:
        return False
    if selection.shortest_us is not None and (item.duration_us is None or item.duration_us < selection.shortest_us):
        return False
    return selection.longest_us is None or (item.duration_us is not None and item.duration_us < selection.longest_us)
