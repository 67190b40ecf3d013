"""Filters of the map as they stand in its address: `filter=name contains pay`, `filter=failed >= 5`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from local_insights.http.query_params import QueryError
from local_insights.model.map_filters import ConnectorFilter, MapFilter, Measure, NameFilter
from local_insights.portal.formats import clip

EXPECTED = (
    "Expected filter=name contains <words>, filter=name excludes <words>, or filter=<figure> >= <number>, the figure "
    "being one of failed (percent), calls, average (ms), p95 (ms); p90 in place of a number is the 90th percentile "
    "of all connectors."
)
MOST_FILTERS = 20

_NAME = re.compile(r"name (contains|excludes) (\S.*)", re.DOTALL)
_FIGURE = re.compile(r"(\w+) >= (p?)(\d{1,12}(?:\.\d{1,6})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class FilterForm:
    """One kind of filter that the page offers: the words before its value, and what the value is."""

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
    """Read filters in their order; empty ones are passed over.

    Raises:
        QueryError: one of them cannot be read, or there are too many.
    """
    filters = tuple(_read(text.strip()) for text in texts if text.strip())
    if len(filters) > MOST_FILTERS:
        message = f"{len(filters)} filters are too many."
        raise QueryError(message, f"Expected {MOST_FILTERS} at most.")
    return filters


def filter_text(map_filter: MapFilter) -> str:
    """A filter as `read_filters` reads it."""
    if isinstance(map_filter, NameFilter):
        return f"name {'excludes' if map_filter.excludes else 'contains'} {map_filter.words}"
    return f"{map_filter.measure} >= {_least(map_filter)}"


def describe_filter(map_filter: MapFilter) -> str:
    """A filter as people read it: `failed ≥ 5 %`, `name contains pay`."""
    if isinstance(map_filter, NameFilter):
        return filter_text(map_filter)
    unit = {Measure.FAILED_PERCENT: " %", Measure.CALLS: ""}.get(map_filter.measure, " ms")
    return f"{map_filter.measure} ≥ {_least(map_filter)}{'' if map_filter.is_percentile else unit}"


def _read(text: str) -> MapFilter:
    if name := _NAME.fullmatch(text):
        return NameFilter(name[2], excludes=name[1] == "excludes")
    figure = _FIGURE.fullmatch(text)
    if figure is None or figure[1] not in list(Measure):
        message = f"filter={clip(text, 80)} is not a filter."
        raise QueryError(message, EXPECTED)
    least = float(figure[3])
    if figure[2] and not 1 <= least <= 99:  # noqa: PLR2004 - the percentiles there are
        message = f"filter={clip(text, 80)} names no percentile."
        raise QueryError(message, "Expected p1 to p99.")
    return ConnectorFilter(Measure(figure[1]), least, is_percentile=bool(figure[2]))


def _least(map_filter: ConnectorFilter) -> str:
    number = f"{map_filter.least:.6f}".rstrip("0").rstrip(".")
    return f"p{number}" if map_filter.is_percentile else number
