"""The lists of the most frequent result codes, exceptions, and failed dependencies or operations."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from local_insights.model.item import ItemType
from local_insights.model.selection import Failure, Selection
from local_insights.portal.investigate.query import GROUPED_BY, ITEM_TYPES, InvestigationQuery, Tab

TOP = 3


@dataclass(frozen=True, slots=True)
class TopEntry:
    """One of the most frequent; `bar` is its count as a percentage of the first entry's count."""

    label: str
    hint: str
    link: str
    items: int
    bar: float


@dataclass(frozen=True, slots=True)
class TopList:
    """The most frequent failures of one type."""

    heading: str
    entries: tuple[TopEntry, ...]


def top_lists(co_occurring: Sequence[Failure], query: InvestigationQuery) -> tuple[TopList, ...]:
    """Return the most frequent result codes, exception types, and failed dependencies or operations of the selection.

    Reference:
        "Failure Insights" of microsoft/Application-Insights-Workbooks: codes are those of the selected failures;
        exceptions and dependencies are those of the operations to which the selected failures belong.
    """
    selected = query.selected
    if selected.item_type == ItemType.EXCEPTION:
        requests = (failure for failure in co_occurring if failure.item_type == ItemType.REQUEST)
        codes = _codes(requests, query, "operations")
    else:
        codes = _codes((failure for failure in co_occurring if _belongs(failure, selected)), query, query.tab)
    exceptions = _top("exceptions", "exception types", co_occurring, query)
    dependencies = _top("dependencies", "failed dependencies", co_occurring, query)
    operations = _top("operations", "failed operations", co_occurring, query)
    return {
        ItemType.REQUEST: (codes, exceptions, dependencies),
        ItemType.DEPENDENCY: (codes, exceptions, operations),
    }.get(selected.item_type, (codes, operations, dependencies))


def _belongs(failure: Failure, selected: Selection) -> bool:
    fields = ("item_type", "role", "name", "dependency_type", "target", "result_code")
    return all(getattr(selected, field) in (None, getattr(failure, field)) for field in fields)


def _codes(failures: Iterable[Failure], query: InvestigationQuery, tab: Tab) -> TopList:
    counts: Counter[str] = Counter()
    for failure in failures:
        counts[failure.result_code] += failure.items
    page = query if tab == query.tab else replace(query.unselected(), tab=tab, role=None)
    links = {code: replace(page, code=code).link for code in counts}
    entries = [(code or "no result code", "", links[code], items) for code, items in counts.items()]
    return TopList(f"Top {TOP} result codes", _first(entries))


def _top(tab: Tab, label: str, failures: Iterable[Failure], query: InvestigationQuery) -> TopList:
    """Return the most frequent failures of a type, each with a link to its row on the tab of that type."""
    counts: Counter[tuple[str, str, Selection]] = Counter()
    item_type = ITEM_TYPES[tab]
    for failure in failures:
        if failure.item_type == item_type:
            counts[_row_of(failure, tab)] += failure.items
    page = replace(query.unselected(), tab=tab, role=None)
    entries = [(name, hint, page.selecting(selection).link, items) for (name, hint, selection), items in counts.items()]
    return TopList(f"Top {TOP} {label}", _first(entries))


def _row_of(failure: Failure, tab: Tab) -> tuple[str, str, Selection]:
    """Return the name of a failure, a hint, and the row of its tab that contains it.

    Exceptions are counted by type, across roles.
    """
    if tab == "exceptions":
        return failure.name or "(no type)", "", Selection(failure.item_type, name=failure.name)
    selection = Selection(failure.item_type, **{field: getattr(failure, field) for field in GROUPED_BY[tab]})
    hint = failure.target if tab == "dependencies" else failure.role
    return failure.name or "(no name)", hint, selection


def _first(entries: Iterable[tuple[str, str, str, int]]) -> tuple[TopEntry, ...]:
    ordered = sorted(entries, key=lambda entry: (-entry[3], entry[:3]))[:TOP]
    return tuple(
        TopEntry(label, hint, link, items, 100 * items / ordered[0][3]) for label, hint, link, items in ordered
    )
