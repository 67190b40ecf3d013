"""Tables of operations, dependencies, exceptions or roles: a row a group, sorted as the query asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from local_insights.model.health import Level, level
from local_insights.model.selection import Group, GroupOrder, Groups, Selection
from local_insights.model.statistics import CallStatistics
from local_insights.portal.investigate.query import InvestigationQuery, Sort

MOST_ROWS = 200
"""Rows of a table; the store is asked for those that have most of what the table is sorted by."""

GROUP_ORDERS: Mapping[Sort, GroupOrder] = {"calls": "calls", "failed": "failed", "share": "failed"}
"""What the rows of a table have most of; in all other orders it is time."""

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
    """The heading of a column; its link sorts by it, or the other way round."""

    sort: Sort
    label: str
    link: str
    direction: str
    """`ascending`, `descending`, or `none`, as `aria-sort` has it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group with its figures; `bar` is its average as a share of the largest, 0 to 100."""

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
        """Time of all calls together."""
        return self.statistics.duration_us / 1000

    @property
    def name(self) -> str:
        """What the row is about, in one line."""
        facts = self.selection
        return facts.name or facts.target or facts.dependency_type or facts.role or "(no name)"


@dataclass(frozen=True, slots=True)
class CallTable:
    """A sorted table, and how many groups there are altogether."""

    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    total: int


def call_table(groups: Groups, query: InvestigationQuery, sorts: Sequence[Sort]) -> CallTable:
    """Sort groups as the query asks; `sorts` are the columns, in their order."""
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
