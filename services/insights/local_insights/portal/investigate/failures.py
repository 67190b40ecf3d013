"""The page `/failures`: what fails, how often, and with what else."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from local_insights.model.item import ItemType
from local_insights.model.selection import Failure, Groups, Sample, Selection, TimelinePoint
from local_insights.model.statistics import CallStatistics, combined
from local_insights.model.summaries import ItemCounts
from local_insights.portal.charts.axis import COUNTS
from local_insights.portal.charts.time_chart import HEIGHT_PX, STEPS, bar_chart, timeline_series
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.investigate.call_table import GROUP_ORDERS, MOST_ROWS, CallTable, call_table
from local_insights.portal.investigate.page_layout import investigation_layout, role_choices, tab_links
from local_insights.portal.investigate.query import GROUPED_BY, ITEM_TYPES, InvestigationQuery, Sort, Tab
from local_insights.portal.investigate.samples import MOST_SAMPLES, SampleRow, sample_rows
from local_insights.portal.page_layout import Choice, PageLayout
from local_insights.store.contract import Store

COLUMNS: tuple[Sort, ...] = ("name", "failed", "calls", "share")
EXCEPTION_COLUMNS: tuple[Sort, ...] = ("name", "failed")
"""Every exception is a failure."""
TOP = 3
_ALL_HEIGHT_PX, _ALONE_HEIGHT_PX = 60, 268
"""Of the chart below the failed ones, and of the chart of failed ones where there is none below."""
_TILES: Mapping[Tab, str] = {
    "operations": "Failed requests",
    "dependencies": "Failed dependencies",
    "exceptions": "Exceptions",
}


@dataclass(frozen=True, slots=True)
class Failures:
    """What the store says to one question for failures.

    `beside` is what failed in the operations in which something of the selected row did, that row included.
    """

    item_counts: Mapping[ItemType, ItemCounts]
    groups: Groups
    trend: tuple[TimelinePoint, ...]
    selected: CallStatistics
    beside: tuple[Failure, ...]
    samples: tuple[Sample, ...]


def failures(store: Store, query: InvestigationQuery) -> Failures:
    """Ask the store. Blocks on its answers.

    Raises:
        QueryTimeoutError: the store could not answer within its limit.
    """
    time_range = query.time.time_range
    by, order = GROUPED_BY[query.tab], GROUP_ORDERS.get(query.sort, "failed")
    selected = query.selected
    trend = store.trend(selected, time_range, STEPS, percentiles=False)
    return Failures(
        item_counts=store.item_counts(time_range, query.role),
        groups=store.groups(query.everything, by, time_range, order=order, limit=MOST_ROWS, percentiles=False),
        trend=tuple(trend),
        selected=combined(point.statistics for point in trend),
        beside=tuple(store.co_occurring_failures(selected, time_range)),
        samples=tuple(store.samples(replace(selected, failed_only=True), time_range, MOST_SAMPLES)),
    )


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the whole page, and the tab that it leads to."""

    label: str
    link: str
    tally: ItemCounts
    is_shown: bool


@dataclass(frozen=True, slots=True)
class TopEntry:
    """One of the most frequent; `bar` is its count as a share of the first's, 0 to 100."""

    label: str
    hint: str
    link: str
    items: int
    bar: float


@dataclass(frozen=True, slots=True)
class TopList:
    """The most frequent of one kind."""

    heading: str
    entries: tuple[TopEntry, ...]


@dataclass(frozen=True, slots=True)
class FailuresPage:
    """The page `/failures`; `calls`, failed ones or not, are None where there are none but failed ones."""

    layout: PageLayout
    query: InvestigationQuery
    tiles: tuple[Tile, ...]
    tabs: tuple[Choice, ...]
    roles: tuple[Choice, ...]
    table: CallTable
    selected: CallStatistics
    failed: Markup
    calls: Markup | None
    top: tuple[TopList, ...]
    samples: tuple[SampleRow, ...]
    empty: EmptyState | None


def failures_page(
    found: Failures, roles: Sequence[str], query: InvestigationQuery, empty: EmptyState | None
) -> FailuresPage:
    """Lay out what the store said."""
    time_range = query.time.time_range
    failed = timeline_series(found.trend, time_range, "failed", "error", lambda served: served.failed)
    calls = timeline_series(found.trend, time_range, "all", "edge", lambda served: served.calls)
    is_failed_only = query.tab == "exceptions"
    return FailuresPage(
        layout=investigation_layout("Failures", "failures", query),
        query=query,
        tiles=tuple(
            Tile(
                words,
                replace(query.unselected(), tab=tab).link,
                found.item_counts.get(ITEM_TYPES[tab], ItemCounts()),
                tab == query.tab,
            )
            for tab, words in _TILES.items()
        ),
        tabs=tab_links(query),
        roles=role_choices(roles, query),
        table=call_table(found.groups, query, EXCEPTION_COLUMNS if is_failed_only else COLUMNS),
        selected=found.selected,
        failed=bar_chart(
            time_range,
            (failed,),
            COUNTS,
            label=f"Failures of {query.label}",
            empty_text="nothing failed",
            height_px=_ALONE_HEIGHT_PX if is_failed_only else HEIGHT_PX,
        ),
        calls=None
        if is_failed_only
        else bar_chart(time_range, (calls,), COUNTS, label=f"All of {query.label}", height_px=_ALL_HEIGHT_PX),
        top=top_lists(found.beside, query),
        samples=sample_rows(found.samples),
        empty=empty,
    )


def top_lists(beside: Sequence[Failure], query: InvestigationQuery) -> tuple[TopList, ...]:
    """The most frequent result codes, exception types, and failed dependencies or operations of the selection.

    Reference:
        "Failure Insights" of microsoft/Application-Insights-Workbooks: codes are those of the selected failures;
        exceptions and dependencies are those of the operations to which the selected failures belong.
    """
    selected = query.selected
    if selected.item_type == ItemType.EXCEPTION:
        codes = _codes((failure for failure in beside if failure.item_type == ItemType.REQUEST), query, "operations")
    else:
        codes = _codes((failure for failure in beside if _belongs(failure, selected)), query, query.tab)
    exceptions = _top("exceptions", "exception types", beside, query)
    dependencies = _top("dependencies", "failed dependencies", beside, query)
    operations = _top("operations", "failed operations", beside, query)
    return {
        ItemType.REQUEST: (codes, exceptions, dependencies),
        ItemType.DEPENDENCY: (codes, exceptions, operations),
    }.get(selected.item_type, (codes, operations, dependencies))


def _belongs(failure: Failure, selected: Selection) -> bool:
    facts = ("item_type", "role", "name", "dependency_type", "target", "result_code")
    return all(getattr(selected, fact) in (None, getattr(failure, fact)) for fact in facts)


def _codes(failed: Iterable[Failure], query: InvestigationQuery, tab: Tab) -> TopList:
    counts: Counter[str] = Counter()
    for failure in failed:
        counts[failure.result_code] += failure.items
    page = query if tab == query.tab else replace(query.unselected(), tab=tab, role=None)
    links = {code: replace(page, code=code).link for code in counts}
    entries = [(code or "no result code", "", links[code], items) for code, items in counts.items()]
    return TopList(f"Top {TOP} result codes", _first(entries))


def _top(tab: Tab, words: str, beside: Iterable[Failure], query: InvestigationQuery) -> TopList:
    """The most frequent of another kind, each with a link to its row on its own tab."""
    counts: Counter[tuple[str, str, Selection]] = Counter()
    item_type = ITEM_TYPES[tab]
    for failure in beside:
        if failure.item_type == item_type:
            counts[_named(failure, tab)] += failure.items
    elsewhere = replace(query.unselected(), tab=tab, role=None)
    entries = [
        (name, hint, elsewhere.selecting(selection).link, items) for (name, hint, selection), items in counts.items()
    ]
    return TopList(f"Top {TOP} {words}", _first(entries))


def _named(failure: Failure, tab: Tab) -> tuple[str, str, Selection]:
    """What a failure is called, what is said of it besides, and the row of its tab that it belongs to.

    Exceptions are counted by type, whichever role threw them.
    """
    if tab == "exceptions":
        return failure.name or "(no type)", "", Selection(failure.item_type, name=failure.name)
    facts = GROUPED_BY[tab]
    selection = Selection(failure.item_type, **{fact: getattr(failure, fact) for fact in facts})
    hint = failure.target if tab == "dependencies" else failure.role
    return failure.name or "(no name)", hint, selection


def _first(entries: Iterable[tuple[str, str, str, int]]) -> tuple[TopEntry, ...]:
    ordered = sorted(entries, key=lambda entry: (-entry[3], entry[:3]))[:TOP]
    return tuple(
        TopEntry(words, hint, link, items, 100 * items / ordered[0][3]) for words, hint, link, items in ordered
    )
