"""The page `/search`."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from local_insights.http.query_params import describe_since
from local_insights.model.item import ItemType
from local_insights.model.search.parser import MAX_QUERY_LENGTH
from local_insights.model.search.query import positive_terms
from local_insights.model.search.search import Facet, Search, SearchCounts, SearchHit
from local_insights.model.severity import SEVERITIES
from local_insights.portal.charts.axis import COUNTS
from local_insights.portal.charts.time_chart import Series, bar_chart
from local_insights.portal.empty_state import EmptyState
from local_insights.portal.errors import ErrorReport
from local_insights.portal.formats import clip
from local_insights.portal.page_layout import PageLayout, length
from local_insights.portal.search.query import PATH, SearchQuery
from local_insights.portal.search.rows import FoundRow, found_row

ROWS = 50
"""Items on one page."""
CHART_HEIGHT_PX = 76

_USUAL_TYPES = (ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.TRACE, ItemType.EXCEPTION, ItemType.CUSTOM_EVENT)
"""Offered even when there is none of them."""
_HEADINGS = {
    Facet.ROLE: "Role",
    Facet.OPERATION: "Operation",
    Facet.RESULT: "Result code",
    Facet.SUCCESS: "Outcome",
    Facet.SEVERITY: "Severity",
}
_LABELS = {
    Facet.SUCCESS: {"true": "succeeded", "false": "failed"},
    Facet.SEVERITY: {str(number): words for number, words in enumerate(SEVERITIES)},
}
_VALUE_LIMIT = 120
_WIDER = ("1d", "7d", "30d")


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value that the search can be narrowed to, and how many events it would find then; None when nobody counted."""

    value: str
    label: str
    events: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """The choices of one facet; `name` is that of the parameter."""

    name: str
    heading: str
    choices: tuple[FacetChoice, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found: one page of it, counted and drawn in its entirety.

    `is_one_day` tells that all of it began on the same day, so that rows need not name the day.
    The links to newer and older items are empty where there are none. `news_link` is where to ask whether more has
    arrived since, empty when the time range has come to its end.
    """

    items: int
    events: int
    chart: Markup
    is_one_day: bool
    rows: tuple[FoundRow, ...]
    newest_link: str
    newer_link: str
    older_link: str
    news_link: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The page `/search`. `refused` says why there are no findings; `empty` is shown while nothing at all is stored."""

    layout: PageLayout
    query: SearchQuery
    types: FacetGroup
    facets: tuple[FacetGroup, ...]
    findings: Findings | None = None
    refused: ErrorReport | None = None
    empty: EmptyState | None = None

    @property
    def json_link(self) -> str:
        """The same for programs."""
        return self.query.link(f"{PATH}.json")

    @property
    def wider_link(self) -> str:
        """The same search in a longer time; empty when there is none to offer."""
        return self.query.turned().link(since=self.wider_since) if self.wider_since else ""

    @property
    def wider_since(self) -> str:
        """The longer time range that is offered when nothing was found; empty when there is none."""
        since = self.query.time.since
        return next((wider for wider in _WIDER if since and length(wider) > length(since)), "")

    @property
    def wider_label(self) -> str:
        """The longer time range in words."""
        return describe_since(self.wider_since)

    @property
    def longest(self) -> int:
        """Characters that a query may have."""
        return MAX_QUERY_LENGTH

    @property
    def chosen_values(self) -> int:
        """How many values are filtered for, types aside."""
        return sum(choice.is_chosen for group in self.facets for choice in group.choices)


def search_layout(query: SearchQuery) -> PageLayout:
    """The frame of the page; another time range starts at its newest items."""
    return PageLayout("Search", "search", PATH, query.time, query.preserved_params)


def type_choices(query: SearchQuery, counts: SearchCounts | None) -> FacetGroup:
    """The usual types, then those that were found or chosen besides."""
    group = _facet_group(Facet.TYPE, "Types", query, counts)
    found = {choice.value: choice for choice in group.choices}
    others = [choice for choice in group.choices if choice.value not in _USUAL_TYPES]
    none = 0 if counts else None
    usual = [found.get(value) or FacetChoice(value, value, none, is_chosen=False) for value in _USUAL_TYPES]
    return FacetGroup(group.name, group.heading, (*usual, *others))


def facet_groups(query: SearchQuery, counts: SearchCounts | None) -> tuple[FacetGroup, ...]:
    """The facets beside the list; those without any value are left out."""
    groups = (_facet_group(facet, heading, query, counts) for facet, heading in _HEADINGS.items())
    return tuple(group for group in groups if group.choices)


def findings(
    query: SearchQuery, search: Search, counts: SearchCounts, found: Sequence[SearchHit], latest_row: int
) -> Findings:
    """Lay out what was found.

    Args:
        query: the state of the page.
        search: what the store was asked.
        counts: how much there is.
        found: a page and, where there is more in its direction, one item beyond it.
        latest_row: the row stored last before the store was asked.
    """
    is_more = len(found) > ROWS
    shown = found[-ROWS:] if query.after else found[:ROWS]
    has_newer = is_more if query.after else query.before is not None
    has_older = query.after is not None or is_more
    terms = tuple(positive_terms(search.query))
    return Findings(
        items=counts.items,
        events=counts.events,
        chart=bar_chart(
            query.time.time_range,
            [Series("events", "blue", counts.steps)],
            COUNTS,
            label="Found events over time",
            empty_text="nothing found",
            height_px=CHART_HEIGHT_PX,
        ),
        is_one_day=search.time_range.start.date() == search.time_range.end.date(),
        rows=tuple(found_row(entry.item, terms) for entry in shown),
        newest_link=query.turned().link(),
        newer_link=query.turned(after=shown[0].cursor).link() if has_newer and shown else "",
        older_link=query.turned(before=shown[-1].cursor).link() if has_older and shown else "",
        news_link=query.turned().link(f"{PATH}/news", row=str(latest_row)) if query.time.since else "",
    )


def _facet_group(facet: Facet, heading: str, query: SearchQuery, counts: SearchCounts | None) -> FacetGroup:
    """What was counted, and what is filtered for without being found."""
    chosen = query.filters.get(facet, frozenset())
    events: dict[str, int | None] = {entry.value: entry.events for entry in counts.facets[facet]} if counts else {}
    events |= dict.fromkeys(sorted(chosen - events.keys()), 0 if counts else None)
    words = _LABELS.get(facet, {})
    return FacetGroup(
        facet.value,
        heading,
        tuple(
            FacetChoice(value, words.get(value) or clip(value, _VALUE_LIMIT), number, value in chosen)
            for value, number in events.items()
        ),
    )
