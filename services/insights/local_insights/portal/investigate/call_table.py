"""The table of operations, dependencies, exceptions or roles: one row per group, sorted by the query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from local_insights.model.health import Level, level
from local_insights.model.selection import Group, GroupOrder, Groups, Selection
from local_insights.model.statistics import CallStatistics
from local_insights.portal.investigate.query import InvestigationQuery, Sort

MOST_ROWS = 200
"""The maximum number of rows. The store returns the groups with the largest values of the sorted column."""

GROUP_ORDERS: Mapping[Sort, GroupOrder] = {"calls": "calls", "failed": "failed", "share": "failed"}
"""The order in which the store selects the groups of a table; all other columns select by total duration."""

_LABELS: Mapping[Sort, str] = {
    "name": "Name",
    "calls": "Count",
    "average": "Average",
    "p50": "p50",
    "p95": "p95",
    "p99": "p99",
    "total": "Total time",
    "failed": "Failed",
    "share": "Failed %",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; its link sorts by the column, or reverses the order when it is sorted already."""

    sort: Sort
    label: str
    link: str
    direction: str
    """A value of `aria-sort`: `ascending`, `descending` or `none`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group and its statistics; `bar` is its average as a percentage of the largest average in the table."""

    link: str
    selection: Selection
    statistics: CallStatistics
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    level: Level
    is_selected: bool
    bar: float = 0.0

    @property
    def total_ms(self) -> float:
        """The total duration of all calls, milliseconds."""
        return self.statistics.duration_us / 1000

    @property
    def name(self) -> str:
        """The label of the row; the role only in a table of roles."""
        fields = self.selection
        role = fields.role if fields.name is None else ""
        return fields.name or fields.target or fields.dependency_type or role or "(no name)"


@dataclass(frozen=True, slots=True)
class CallTable:
    """A sorted table; `total` is the number of all groups, including those without a row."""

    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    total: int


def call_table(groups: Groups, query: InvestigationQuery, sorts: Sequence[Sort]) -> CallTable:
    """Return the table of the groups, sorted by the query; `sorts` are the columns from left to right."""
    rows = sorted((_row(group, query) for group in groups.first), key=lambda row: row.name.casefold())
    rows.sort(key=_VALUES[query.sort], reverse=not query.ascending)
    largest = max((row.statistics.average_ms or 0 for row in rows), default=0) or 1
    return CallTable(
        headings=tuple(_heading(sort, query) for sort in sorts),
        rows=tuple(replace(row, bar=100 * (row.statistics.average_ms or 0) / largest) for row in rows),
        total=groups.total,
    )


def _row(group: Group, query: InvestigationQuery) -> Row:
    statistics = group.statistics
    selecting = query.selecting(group.selection)
    return Row(
        link=selecting.link,
        selection=group.selection,
        statistics=statistics,
        p50_ms=statistics.percentile_ms(0.5),
        p95_ms=statistics.percentile_ms(0.95),
        p99_ms=statistics.percentile_ms(0.99),
        level=level(statistics.failed_percent),
        is_selected=selecting.selected == replace(query.selected, result_code=None),
    )


def _heading(sort: Sort, query: InvestigationQuery) -> Heading:
    is_chosen = sort == query.sort
    ascending = not query.ascending if is_chosen else sort == "name"
    return Heading(
        sort=sort,
        label=_LABELS[sort],
        link=replace(query, sort=sort, ascending=ascending).link,
        direction="none" if not is_chosen else "ascending" if query.ascending else "descending",
    )


_VALUES: Mapping[Sort, Callable[[Row], str | float]] = {
    "name": lambda row: row.name.casefold(),
    "calls": lambda row: row.statistics.calls,
    "average": lambda row: row.statistics.average_ms or 0,
    "p50": lambda row: row.p50_ms or 0,
    "p95": lambda row: row.p95_ms or 0,
    "p99": lambda row: row.p99_ms or 0,
    "total": lambda row: row.total_ms,
    "failed": lambda row: row.statistics.failed,
    "share": lambda row: row.statistics.failed_percent,
}
