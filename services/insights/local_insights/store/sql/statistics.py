"""Aggregation of rows with one duration bucket each into statistics."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from local_insights.model.statistics import CallStatistics
from local_insights.store.sql.queries import Row

Key = TypeVar("Key", bound=Hashable)

_MEASURES = 4
"""The last columns of every such row: bucket, calls, failed, duration_us."""


def aggregate(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, CallStatistics]:
    """Return the statistics by key, in the order in which the keys first appear.

    A row ends with `bucket, calls, failed, duration_us`; bucket and duration are None for calls of unknown duration.
    """
    sums: dict[Key, list[int]] = {}
    buckets: dict[Key, dict[int, int]] = {}
    for row in rows:
        bucket, calls, failed, duration_us = row[-_MEASURES:]
        name = key(row)
        if name not in sums:
            sums[name] = [0, 0, 0]
            buckets[name] = {}
        total = sums[name]
        total[0] += calls
        total[1] += failed
        total[2] += duration_us or 0
        if bucket is not None:
            weights = buckets[name]
            weights[bucket] = weights.get(bucket, 0) + calls
    return {
        name: CallStatistics(calls, failed, duration_us, buckets[name])
        for name, (calls, failed, duration_us) in sums.items()
    }
