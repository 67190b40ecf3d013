"""The template context of the page Search."""

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
"""The number of items on one page."""
CHART_HEIGHT_PX = 76

_USUAL_TYPES = (ItemType.REQUEST, ItemType.DEPENDENCY, ItemType.TRACE, ItemType.EXCEPTION, ItemType.CUSTOM_EVENT)
"""The types that are offered even when no item has them."""
_HEADINGS = {
    Facet.ROLE: "Role",
    Facet.OPERATION: "Operation",
    Facet.RESULT: "Result code",
    Facet.SUCCESS: "Outcome",
    Facet.SEVERITY: "Severity",
}
_LABELS = {
    Facet.SUCCESS: {"true": "succeeded", "false": "failed"},
    Facet.SEVERITY: {str(number): label for number, label in enumerate(SEVERITIES)},
}
_VALUE_LIMIT = 120
_WIDER = ("1d", "7d", "30d")


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value to filter by, and the number of events that have it; None when they were not counted."""

    value: str
    label: str
    events: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """The values of one facet; `name` is the name of the query parameter."""

    name: str
    heading: str
    choices: tuple[FacetChoice, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a search: counts and chart of all, and the rows of one page.

    Attributes:
        items: the number of stored items that match.
        events: the number of events that they represent, with sampling.
        chart: the events over time.
        is_one_day: True when the time range is within one day, so that rows show no date.
        rows: the rows of the page.
        newest_link: opens the newest results.
        newer_link, older_link: open the adjacent pages; empty when there is none.
        updates_link: reports new items; empty when the time range has a fixed end.
    """

    items: int
    events: int
    chart: Markup
    is_one_day: bool
    rows: tuple[FoundRow, ...]
    newest_link: str
    newer_link: str
    older_link: str
    updates_link: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The page `/search`. `error` explains why there are no results; `empty` is shown while no item is stored."""

    layout: PageLayout
    query: SearchQuery
    types: FacetGroup
    facets: tuple[FacetGroup, ...]
    results: Results | None = None
    error: ErrorReport | None = None
    empty: EmptyState | None = None

    @property
    def json_link(self) -> str:
        """The address of the JSON endpoint of this page."""
        return self.query.link(f"{PATH}.json")

    @property
    def wider_link(self) -> str:
        """The same search in a longer time range; empty when there is none to offer."""
        return self.query.first_page().link(since=self.wider_since) if self.wider_since else ""

    @property
    def wider_since(self) -> str:
        """The longer time range that is offered for a search without results; empty when there is none."""
        since = self.query.time.since
        return next((wider for wider in _WIDER if since and length(wider) > length(since)), "")

    @property
    def wider_label(self) -> str:
        """The longer time range as text."""
        return describe_since(self.wider_since)

    @property
    def max_length(self) -> int:
        """The maximum length of a query, characters."""
        return MAX_QUERY_LENGTH

    @property
    def chosen_values(self) -> int:
        """The number of values that the results are filtered by, without types."""
        return sum(choice.is_chosen for group in self.facets for choice in group.choices)


def type_choices(query: SearchQuery, counts: SearchCounts | None) -> FacetGroup:
    """Return the usual types, followed by other types that were found or chosen."""
    group = _facet_group(Facet.TYPE, "Types", query, counts)
    found = {choice.value: choice for choice in group.choices}
    others = [choice for choice in group.choices if choice.value not in _USUAL_TYPES]
    none = 0 if counts else None
    usual = [found.get(value) or FacetChoice(value, value, none, is_chosen=False) for value in _USUAL_TYPES]
    return FacetGroup(group.name, group.heading, (*usual, *others))


def facet_groups(query: SearchQuery, counts: SearchCounts | None) -> tuple[FacetGroup, ...]:
    """Return the facets that have values."""
    groups = (_facet_group(facet, heading, query, counts) for facet, heading in _HEADINGS.items())
    return tuple(group for group in groups if group.choices)


def results_of(
    query: SearchQuery, search: Search, counts: SearchCounts, hits: Sequence[SearchHit], latest_row: int
) -> Results:
    """Return the results for the template.

    Args:
        query: the state of the page.
        search: the search that the store ran.
        counts: the counts of all results.
        hits: the items of the page, and one more when there is another page in the same direction.
        latest_row: the newest row of the store before the search.
    """
    is_more = len(hits) > ROWS
    shown = hits[-ROWS:] if query.after else hits[:ROWS]
    has_newer = is_more if query.after else query.before is not None
    has_older = query.after is not None or is_more
    terms = tuple(positive_terms(search.query))
    return Results(
        items=counts.items,
        events=counts.events,
        chart=bar_chart(
            query.time.time_range,
            [Series("events", "blue", counts.steps)],
            COUNTS,
            label="Matching events over time",
            empty_text="no results",
            height_px=CHART_HEIGHT_PX,
        ),
        is_one_day=search.time_range.start.date() == search.time_range.end.date(),
        rows=tuple(found_row(hit.item, terms) for hit in shown),
        newest_link=query.first_page().link(),
        newer_link=query.at(after=shown[0].cursor).link() if has_newer and shown else "",
        older_link=query.at(before=shown[-1].cursor).link() if has_older and shown else "",
        updates_link=query.first_page().link(f"{PATH}/updates", row=str(latest_row)) if query.time.since else "",
    )


def _facet_group(facet: Facet, heading: str, query: SearchQuery, counts: SearchCounts | None) -> FacetGroup:
    """Return the counted values, and the filtered values without results."""
    chosen = query.filters.get(facet, frozenset())
    events: dict[str, int | None] = {entry.value: entry.events for entry in counts.facets[facet]} if counts else {}
    events |= dict.fromkeys(sorted(chosen - events.keys()), 0 if counts else None)
    labels = _LABELS.get(facet, {})
    return FacetGroup(
        facet.value,
        heading,
        tuple(
            FacetChoice(value, labels.get(value) or clip(value, _VALUE_LIMIT), number, value in chosen)
            for value, number in events.items()
        ),
    )
