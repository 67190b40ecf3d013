"""The rows of the list of results."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from local_insights.model.item import Item, ItemType
from local_insights.model.search.texts import Text, searched_texts
from local_insights.model.search.words import Term
from local_insights.model.severity import is_failure, severity_label
from local_insights.portal.formats import clip, duration
from local_insights.portal.links import item_link
from local_insights.portal.metric_values import summarize_metric
from local_insights.portal.search.excerpt import Segment, excerpt, marked_spans

TITLE_LIMIT = 120
EXCERPT_LIMIT = 160
_NAME_LIMIT = 40
_OPERATION_ID_SHOWN = 8


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One found item.

    `link` opens the item in its transaction, or its details if it has no operation. `summary` has the most important
    fields of the item's type. `found_in` is the name of the text that `excerpt` is from; both are empty when the title
    contains a term, or the search has no terms.
    """

    time_us: int
    kind: str
    failed: bool
    title: tuple[Segment, ...]
    link: str
    role: str
    summary: str
    found_in: str
    excerpt: tuple[Segment, ...]
    operation_id: str
    is_operation_id_found: bool


def found_row(item: Item, terms: Sequence[Term]) -> FoundRow:
    """Return the row of an item; `terms` are marked in it."""
    title = _title(item)
    title_spans = marked_spans(title, terms)
    found = None if title_spans else _found_text(item, terms)
    return FoundRow(
        time_us=item.time_us,
        kind=item.item_type,
        failed=is_failure(item.item_type, success=item.success, severity=item.severity),
        title=excerpt(title, title_spans, TITLE_LIMIT),
        link=item_link(item),
        role=clip(item.role, TITLE_LIMIT),
        summary=clip(_summary(item, {title, found.text if found else ""}), EXCERPT_LIMIT),
        found_in=clip(found.name, _NAME_LIMIT) if found else "",
        excerpt=excerpt(found.text, marked_spans(found.text, terms), EXCERPT_LIMIT) if found else (),
        operation_id=item.operation_id[:_OPERATION_ID_SHOWN],
        is_operation_id_found=any(term.words == (item.operation_id,) for term in terms),
    )


def _title(item: Item) -> str:
    return item.name or item.message or item.data or item.item_type


def _found_text(item: Item, terms: Sequence[Term]) -> Text | None:
    """Return the first text that contains a term."""
    return next((text for text in searched_texts(item) if marked_spans(text.text, terms)), None)


def _summary(item: Item, already_shown: Collection[str]) -> str:
    fields = {
        ItemType.REQUEST: (item.result_code, _duration(item)),
        ItemType.DEPENDENCY: (item.dependency_type, item.result_code, _duration(item)),
        ItemType.TRACE: (severity_label(item.severity),),
        ItemType.AVAILABILITY_RESULT: (item.message, _duration(item)),
        ItemType.CUSTOM_METRIC: (summarize_metric(item),),
        ItemType.PERFORMANCE_COUNTER: (summarize_metric(item),),
    }.get(ItemType(item.item_type), (item.message, _duration(item)))
    return " · ".join(text for text in fields if text and text not in already_shown)


def _duration(item: Item) -> str:
    return "" if item.duration_us is None else duration(item.duration_us / 1000)
