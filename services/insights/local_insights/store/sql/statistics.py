"""Aggregation of rows with one duration bucket each into statistics."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from local_insights.model.statistics import CallStatistics
from local_insights.model.time_limit import limited
from local_insights.store.sql.queries import Row

Key = TypeVar("Key", bound=Hashable)

MEASURES = 6
"""The last columns of every such row: bucket, calls, failed, duration_us, items, squared_weights.

In statements with many rows, the sums that can exceed 64 bits are texts: to read an integer of 128 bits in Python takes
0.6 µs, to read its text a quarter of that.
"""


def aggregate(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, CallStatistics]:
    """Return the statistics by key, in the order in which the keys first appear.

    A row ends with the measures; bucket and duration are None for calls of unknown duration.
    """
    sums: dict[Key, list[int]] = {}
    buckets: dict[Key, dict[int, int]] = {}
    for row in limited(rows):
        bucket, calls, failed, duration_us, items, squared_weights = row[-MEASURES:]
        name = key(row)
        if name not in sums:
            sums[name] = [0, 0, 0, 0, 0]
            buckets[name] = {}
        total = sums[name]
        total[0] += calls
        total[1] += failed
        total[2] += int(duration_us or 0)
        total[3] += items
        total[4] += int(squared_weights or 0)
        if bucket is not None:
            weights = buckets[name]
            weights[bucket] = weights.get(bucket, 0) + calls
    return {
        name: CallStatistics(calls, failed, duration_us, buckets[name], items, squared_weights)
        for name, (calls, failed, duration_us, items, squared_weights) in sums.items()
    }
