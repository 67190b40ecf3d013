"""Filters of the map in the URL: `filter=name contains pay`, `filter=failed >= 5`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from local_insights.http.query_params import QueryError
from local_insights.model.map_filters import ConnectorFilter, EdgeMetric, MapFilter, NameFilter
from local_insights.portal.formats import clip

EXPECTED = (
    "Expected filter=name contains <text>, filter=name excludes <text>, or filter=<metric> >= <number>, the metric "
    "being one of failed (percent), calls, average (ms), p95 (ms); p90 in place of a number is the 90th percentile "
    "of all connectors."
)
MAX_FILTERS = 20

_NAME = re.compile(r"name (contains|excludes) (\S.*)", re.DOTALL)
_METRIC = re.compile(r"(\w+) >= (p?)(\d{1,12}(?:\.\d{1,6})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class FilterForm:
    """One kind of filter of the page's form: `value` precedes the filter's value in the URL, `label` on the page."""

    value: str
    label: str


FORMS = (
    FilterForm("name contains", "Name contains"),
    FilterForm("name excludes", "Name excludes"),
    FilterForm("failed >=", "Failed % ≥"),
    FilterForm("calls >=", "Calls ≥"),
    FilterForm("average >=", "Average ms ≥"),
    FilterForm("p95 >=", "p95 ms ≥"),
)


def read_filters(texts: Iterable[str]) -> tuple[MapFilter, ...]:
    """Parse filters in their order; empty ones are skipped.

    Raises:
        QueryError: a filter is invalid, or there are too many.
    """
    filters = tuple(_read(text.strip()) for text in texts if text.strip())
    if len(filters) > MAX_FILTERS:
        message = f"{len(filters)} filters are too many."
        raise QueryError(message, f"Expected {MAX_FILTERS} at most.")
    return filters


def filter_text(map_filter: MapFilter) -> str:
    """Return a filter in the syntax of `read_filters`."""
    if isinstance(map_filter, NameFilter):
        return f"name {'excludes' if map_filter.excludes else 'contains'} {map_filter.text}"
    return f"{map_filter.metric} >= {_minimum(map_filter)}"


def describe_filter(map_filter: MapFilter) -> str:
    """Return a filter as a label of the page: `failed ≥ 5 %`, `name contains pay`."""
    if isinstance(map_filter, NameFilter):
        return filter_text(map_filter)
    unit = {EdgeMetric.FAILED_PERCENT: " %", EdgeMetric.CALLS: ""}.get(map_filter.metric, " ms")
    return f"{map_filter.metric} ≥ {_minimum(map_filter)}{'' if map_filter.is_percentile else unit}"


def _read(text: str) -> MapFilter:
    if name := _NAME.fullmatch(text):
        return NameFilter(name[2], excludes=name[1] == "excludes")
    metric = _METRIC.fullmatch(text)
    if metric is None or metric[1] not in list(EdgeMetric):
        message = f"filter={clip(text, 80)} is not a filter."
        raise QueryError(message, EXPECTED)
    minimum = float(metric[3])
    if metric[2] and not 1 <= minimum <= 99:  # noqa: PLR2004 - the range of percentiles
        message = f"filter={clip(text, 80)} is not a percentile."
        raise QueryError(message, "Expected p1 to p99.")
    return ConnectorFilter(EdgeMetric(metric[1]), minimum, is_percentile=bool(metric[2]))


def _minimum(map_filter: ConnectorFilter) -> str:
    number = f"{map_filter.minimum:.6f}".rstrip("0").rstrip(".")
    return f"p{number}" if map_filter.is_percentile else number
