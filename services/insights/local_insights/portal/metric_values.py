"""The values of a metric as text. An aggregate has a sum, which alone would look like one measured value."""

from collections.abc import Iterator

from local_insights.model.item import Item


def is_aggregate(item: Item) -> bool:
    """Return True if a metric summarizes more or fewer values than one, or a range of values."""
    return item.value_count not in (None, 1) or any(
        number not in (None, item.value) for number in (item.value_min, item.value_max)
    )


def average(item: Item) -> float | None:
    """Return the average of an aggregate; None without a sum, or a count above 0."""
    return item.value / item.value_count if item.value is not None and item.value_count else None


def metric_numbers(item: Item) -> Iterator[tuple[str, float]]:
    """Yield name and value of each number of a metric."""
    if is_aggregate(item):
        numbers = {"Count": item.value_count, "Average": average(item), "Sum": item.value}
    else:
        numbers = {"Value": item.value, "Count": item.value_count}
    numbers |= {"Minimum": item.value_min, "Maximum": item.value_max, "Standard deviation": item.value_std_dev}
    yield from ((name, number) for name, number in numbers.items() if number is not None)


def summarize_metric(item: Item) -> str:
    """Return a metric in one line: `751`, or `count 3 · average 250.3 · min 1 · max 700` for an aggregate."""
    if not is_aggregate(item):
        return "" if item.value is None else format_number(item.value)
    numbers = {"count": item.value_count, "average": average(item), "min": item.value_min, "max": item.value_max}
    return " · ".join(f"{name} {format_number(number)}" for name, number in numbers.items() if number is not None)


def format_number(number: float) -> str:
    """Format a number with at most seven significant digits; a whole number below 10^15 with all digits."""
    is_whole = number == int(number) and abs(number) < 1e15  # noqa: PLR2004 - exact in a double
    return f"{number:.0f}" if is_whole else f"{number:.7g}"
