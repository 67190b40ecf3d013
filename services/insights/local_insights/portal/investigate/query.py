"""What the pages Performance and Failures are asked for: their whole state, all of which lives in the URL."""

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
"""By page; what is meant when nothing is said comes first."""
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

_SELECTED = {"of": "role", "name": "name", "type": "dependency_type", "target": "target", "code": "result_code"}
"""Parameters that select a row, and the facts of the items that belong to it."""
_LONGEST_MS = 1e12


@dataclass(frozen=True, slots=True)
class InvestigationQuery:
    """A list of operations, dependencies, exceptions or roles, and what is selected in it.

    `role` narrows the whole page to one role; `of` is the role of the selected row. Fields that select nothing are
    None: an empty text is a valid name. `durations` narrows what is selected to calls that took so long;
    `samples` says which of these are listed.
    """

    path: str
    time: TimeQuery
    tab: Tab = "operations"
    role: str | None = None
    of: str | None = None
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
            QueryError: a parameter cannot be read.
        """
        sort = _one_of("sort", query, SORTS[path])
        return cls(
            path=path,
            time=time_query(query, now),
            tab=_one_of("tab", query, TABS[path]),
            role=query.get("role") or None,
            of=query.get("of") or None,
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
        """The items that the table lists."""
        return Selection(ITEM_TYPES[self.tab], role=self.role)

    @property
    def selected(self) -> Selection:
        """The items of the selected row, whatever they took; those of all rows when none is selected."""
        facts = {fact: value for name, fact in _SELECTED.items() if (value := getattr(self, name)) is not None}
        return replace(self.everything, **cast("Any", facts))

    @property
    def within(self) -> Selection:
        """The selected items within the selected durations."""
        return replace(self.selected, shortest_us=self.durations.shortest_us, longest_us=self.durations.longest_us)

    @property
    def is_narrowed(self) -> bool:
        """Whether durations are selected."""
        return self.durations != ALL_DURATIONS

    @property
    def is_selecting(self) -> bool:
        """Whether a row, or part of what rows say, is selected."""
        return self.selected != self.everything

    @property
    def label(self) -> str:
        """What is selected, in words; "all operations", or "all operations of frontend", when nothing is."""
        names = [self.name, self.type, self.target, f"result {self.code or 'none'}" if self.code is not None else None]
        everything = f"all {self.tab} of {self.role}" if self.role and self.tab != "roles" else f"all {self.tab}"
        return " · ".join(filter(None, (*names, self.of))) or everything

    def selecting(self, selection: Selection) -> Self:
        """The same page with another row selected."""
        facts = {name: getattr(selection, fact) for name, fact in _SELECTED.items() if fact in GROUPED_BY[self.tab]}
        return replace(self.unselected(), **facts)

    def unselected(self) -> Self:
        """The same page with nothing selected."""
        return replace(self, **cast("Any", dict.fromkeys(_SELECTED)), durations=ALL_DURATIONS, samples="")

    @property
    def parameters(self) -> dict[str, str]:
        """The query parameters that ask for this again, but for those that say what goes without saying."""
        durations = {"shortest_ms": self.durations.shortest_us, "longest_ms": self.durations.longest_us}
        ascends_by_itself = self.sort == "name"
        stated = {
            "tab": None if self.tab == TABS[self.path][0] else self.tab,
            "role": self.role,
            **{name: getattr(self, name) for name in _SELECTED},
            "sort": None if self.sort == SORTS[self.path][0] else self.sort,
            "order": None if self.ascending == ascends_by_itself else "asc" if self.ascending else "desc",
            **{name: None if value is None else f"{value / 1000:.12g}" for name, value in durations.items()},
            "samples": self.samples or None,
        }
        return dict(self.time.parameters) | {name: value for name, value in stated.items() if value is not None}

    def at(self, path: str) -> Self:
        """The same role and selection on another page, in its own order; its first tab when it has not this one."""
        tab = self.tab if self.tab in TABS[path] else TABS[path][0]
        return replace(self, path=path, tab=tab, sort=SORTS[path][0], ascending=False, samples="")

    @property
    def link(self) -> str:
        """The address of this page."""
        return self.path + self.parameters_text

    @property
    def twin(self) -> str:
        """The address of the same for programs."""
        return f"{self.path}.json{self.parameters_text}"

    @property
    def parameters_text(self) -> str:
        """What follows the path in an address."""
        return f"?{urlencode(self.parameters, errors='replace')}"


def _one_of(name: str, query: Mapping[str, str], choices: Sequence[Any]) -> Any:  # noqa: ANN401 - one of the choices
    asked = query.get(name) or choices[0]
    if asked not in choices:
        message = f"{name}={clip(asked, 50)} is not one of the choices."
        raise QueryError(message, f"Expected {name}=" + ", ".join(choices) + ".")
    return asked


def _durations(query: Mapping[str, str]) -> DurationRange:
    shortest_us, longest_us = (_microseconds(name, query.get(name, "")) for name in ("shortest_ms", "longest_ms"))
    if shortest_us is not None and longest_us is not None and longest_us <= shortest_us:
        message = f"shortest_ms={query['shortest_ms']} is not below longest_ms={query['longest_ms']}."
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
    message = f"{name}={clip(text, 50)} is not a duration."
    raise QueryError(message, f"Expected milliseconds such as {name}=250.5.")
