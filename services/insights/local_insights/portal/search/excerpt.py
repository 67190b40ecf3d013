"""The part of a text that shows why it was found, what was searched for marked in it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from local_insights.model.search.words import Term

LOOKED_AT = 20_000
"""Characters of one text in which words are marked: a page shows many texts, and some senders' are megabytes."""
_BEFORE = 40
"""Characters shown before the first mark when the beginning of the text has to be left off."""


class Segment(NamedTuple):
    """A stretch of a text, marked or not."""

    text: str
    is_marked: bool


def marked_spans(text: str, terms: Iterable[Term]) -> list[tuple[int, int]]:
    """The places in a text where any of the terms stands, in order, none overlapping another."""
    looked_at = text[:LOOKED_AT]
    spans: list[tuple[int, int]] = []
    for start, end in sorted(span for term in terms for span in term.spans(looked_at)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def excerpt(text: str, spans: Sequence[tuple[int, int]], limit: int) -> tuple[Segment, ...]:
    """At most `limit` characters of a text, and ellipses for what is left off: its beginning, or where a mark is."""
    first = spans[0] if spans else (0, 0)
    start = 0 if first[1] <= limit else max(0, first[0] - _BEFORE)
    end = min(len(text), start + limit)
    return tuple(segment for segment in _segments(text, spans, start, end) if segment.text)


def _segments(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Segment]:
    yield Segment("…" if start else "", is_marked=False)
    place = start
    for span_start, span_end in spans:
        if span_start >= end:
            break
        yield Segment(text[place:span_start], is_marked=False)
        yield Segment(text[max(span_start, place) : min(span_end, end)], is_marked=True)
        place = min(span_end, end)
    yield Segment(text[place:end] + ("…" if end < len(text) else ""), is_marked=False)
