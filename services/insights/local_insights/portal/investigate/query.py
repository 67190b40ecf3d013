"""The state of the pages Performance and Failures, as read from the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Self, cast
from urllib.parse import urlencode

from local_insights.http.query_params import QueryError, TimeQuery, time_query
from local_insights.model.item import ItemType
from local_insights.model.selection import GroupField, Selection
from local_insights.portal.charts.duration_histogram import ALL_DURATIONS, PERCENTILES, DurationRange
from local_insights.portal.formats import clip

Tab = Literal["operations", "dependencies", "exceptions", "roles"]
Sort = Literal["name", "calls", "average", "p50", "p95", "p99", "total", "failed", "share"]

TABS: Mapping[str, tuple[Tab, ...]] = {
    "/performance": ("operations", "dependencies", "roles"),
    "/failures": ("operations", "dependencies", "exceptions", "roles"),
}
SORTS: Mapping[str, tuple[Sort, ...]] = {
    "/performance": ("total", "name", "calls", "average", "p50", "p95", "p99", "share"),
    "/failures": ("failed", "name", "calls", "share"),
}
"""The columns to sort by, by page; the first is the default, as in `TABS`."""
GROUPED_BY: Mapping[Tab, tuple[GroupField, ...]] = {
    "operations": ("role", "name"),
    "dependencies": ("dependency_type", "target", "name"),
    "exceptions": ("role", "name"),
    "roles": ("role",),
}
ITEM_TYPES: Mapping[Tab, ItemType] = {
    "operations": ItemType.REQUEST,
    "dependencies": ItemType.DEPENDENCY,
    "exceptions": ItemType.EXCEPTION,
    "roles": ItemType.REQUEST,
}
SAMPLE_CHOICES = ("slowest", "newest", *PERCENTILES)

_SELECTED = {"row_role": "role", "name": "name", "type": "dependency_type", "target": "target", "code": "result_code"}
"""The parameters that select a row, and the fields of `Selection` that they set."""
_LONGEST_MS = 1e12


@dataclass(frozen=True, slots=True)
class InvestigationQuery:
    """The rows of a page and the selected row.

    Attributes:
        path: `/performance` or `/failures`.
        time: the time range.
        tab: the type of the rows.
        role: filters the whole page by role; None for all roles.
        row_role, name, type, target, code: the fields of the selected row. A field that selects nothing is None: an
            empty text is a valid name.
        sort: the sorted column.
        ascending: the order of the sorted column.
        durations: filters the selected calls by duration.
        samples: the samples to list, one of `SAMPLE_CHOICES`; empty for the default.
    """

    path: str
    time: TimeQuery
    tab: Tab = "operations"
    role: str | None = None
    row_role: str | None = None
    name: str | None = None
    type: str | None = None
    target: str | None = None
    code: str | None = None
    sort: Sort = "calls"
    ascending: bool = False
    durations: DurationRange = ALL_DURATIONS
    samples: str = ""

    @classmethod
    def read(cls, path: str, query: Mapping[str, str], now: datetime) -> Self:
        """Read the state of the page at `path` from a query string.

        Raises:
            QueryError: a parameter is invalid.
        """
        sort = _one_of("sort", query, SORTS[path])
        return cls(
            path=path,
            time=time_query(query, now),
            tab=_one_of("tab", query, TABS[path]),
            role=query.get("role") or None,
            row_role=query.get("row_role") or None,
            name=query.get("name"),
            type=query.get("type"),
            target=query.get("target"),
            code=query.get("code"),
            sort=sort,
            ascending=_one_of("order", query, ("asc", "desc") if sort == "name" else ("desc", "asc")) == "asc",
            durations=_durations(query),
            samples=_one_of("samples", query, SAMPLE_CHOICES) if query.get("samples") else "",
        )

    @property
    def everything(self) -> Selection:
        """The items of all rows."""
        return Selection(ITEM_TYPES[self.tab], role=self.role)

    @property
    def selected(self) -> Selection:
        """The items of the selected row with any duration; those of all rows when no row is selected."""
        fields = {field: value for name, field in _SELECTED.items() if (value := getattr(self, name)) is not None}
        return replace(self.everything, **cast("Any", fields))

    @property
    def within(self) -> Selection:
        """The selected items in the selected range of durations."""
        return replace(self.selected, shortest_us=self.durations.shortest_us, longest_us=self.durations.longest_us)

    @property
    def is_narrowed(self) -> bool:
        """True when a range of durations is selected."""
        return self.durations != ALL_DURATIONS

    @property
    def is_selecting(self) -> bool:
        """True when a row, or one field of rows, is selected."""
        return self.selected != self.everything

    @property
    def label(self) -> str:
        """The selection as text; "all operations" or "all operations of frontend" when no row is selected."""
        no_name = "(no name)" if self.name == "" and not self.type and not self.target else None
        names = [
            self.name or no_name,
            self.type,
            self.target,
            f"result {self.code or 'none'}" if self.code is not None else None,
        ]
        everything = f"all {self.tab} of {self.role}" if self.role and self.tab != "roles" else f"all {self.tab}"
        return " · ".join(filter(None, (*names, self.row_role))) or everything

    def selecting(self, selection: Selection) -> Self:
        """Return the page with another row selected."""
        grouped_by = GROUPED_BY[self.tab]
        fields = {name: getattr(selection, field) for name, field in _SELECTED.items() if field in grouped_by}
        return replace(self.unselected(), **fields)

    def unselected(self) -> Self:
        """Return the page with no row selected."""
        return replace(self, **cast("Any", dict.fromkeys(_SELECTED)), durations=ALL_DURATIONS, samples="")

    @property
    def parameters(self) -> dict[str, str]:
        """The query parameters of this state, without those that have their default."""
        durations = {"shortest_ms": self.durations.shortest_us, "longest_ms": self.durations.longest_us}
        ascends_by_default = self.sort == "name"
        parameters = {
            "tab": None if self.tab == TABS[self.path][0] else self.tab,
            "role": self.role,
            **{name: getattr(self, name) for name in _SELECTED},
            "sort": None if self.sort == SORTS[self.path][0] else self.sort,
            "order": None if self.ascending == ascends_by_default else "asc" if self.ascending else "desc",
            **{name: None if value is None else f"{value / 1000:.12g}" for name, value in durations.items()},
            "samples": self.samples or None,
        }
        return dict(self.time.parameters) | {name: value for name, value in parameters.items() if value is not None}

    def at(self, path: str) -> Self:
        """Return the same role and selection on another page, with its default order."""
        tab = self.tab if self.tab in TABS[path] else TABS[path][0]
        return replace(self, path=path, tab=tab, sort=SORTS[path][0], ascending=False, samples="")

    @property
    def preserved_params(self) -> Mapping[str, str]:
        """The parameters without the time range."""
        return {name: value for name, value in self.parameters.items() if name not in self.time.parameters}

    @property
    def link(self) -> str:
        """The address of this page."""
        return self.path + self.query_string

    @property
    def json_link(self) -> str:
        """The address of the JSON endpoint of this page."""
        return f"{self.path}.json{self.query_string}"

    @property
    def query_string(self) -> str:
        """The query string of this state."""
        return f"?{urlencode(self.parameters, errors='replace')}"


def _one_of(name: str, query: Mapping[str, str], choices: Sequence[Any]) -> Any:  # noqa: ANN401 - one of the choices
    value = query.get(name) or choices[0]
    if value not in choices:
        message = f"{name}={clip(value, 50)} is invalid."
        raise QueryError(message, f"Expected {name}=" + ", ".join(choices) + ".")
    return value


def _durations(query: Mapping[str, str]) -> DurationRange:
    shortest_us, longest_us = (_microseconds(name, query.get(name, "")) for name in ("shortest_ms", "longest_ms"))
    if shortest_us is not None and longest_us is not None and longest_us <= shortest_us:
        message = f"shortest_ms={query['shortest_ms']} must be less than longest_ms={query['longest_ms']}."
        raise QueryError(message, "Expected a range of durations such as shortest_ms=100 and longest_ms=250.5.")
    return DurationRange(shortest_us, longest_us)


def _microseconds(name: str, text: str) -> int | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1
    if 0 <= value <= _LONGEST_MS:
        return round(1000 * value)
    message = f"{name}={clip(text, 50)} is not a duration in milliseconds."
    raise QueryError(message, f"Expected a number such as {name}=250.5.")
