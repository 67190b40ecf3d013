"""Excerpts of found texts, with the search terms marked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from local_insights.model.search.words import Term

MARKED_LENGTH = 20_000
"""The length within which terms are marked, characters: a page shows many texts, and a text can have megabytes."""
_BEFORE = 40
"""The number of characters shown before the first mark when the start of the text is cut off."""


class Segment(NamedTuple):
    """A part of a text, marked or not."""

    text: str
    is_marked: bool


def marked_spans(text: str, terms: Iterable[Term]) -> list[tuple[int, int]]:
    """Return the spans of all terms in a text, in order and without overlaps."""
    start_of_text = text[:MARKED_LENGTH]
    spans: list[tuple[int, int]] = []
    for start, end in sorted(span for term in terms for span in term.spans(start_of_text)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def excerpt(text: str, spans: Sequence[tuple[int, int]], limit: int) -> tuple[Segment, ...]:
    """Return at most `limit` characters, from the start or around the first mark; ellipses replace what is cut off."""
    first = spans[0] if spans else (0, 0)
    start = 0 if first[1] <= limit else max(0, first[0] - _BEFORE)
    end = min(len(text), start + limit)
    return tuple(segment for segment in _segments(text, spans, start, end) if segment.text)


def _segments(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Segment]:
    yield Segment("…" if start else "", is_marked=False)
    position = start
    for span_start, span_end in spans:
        if span_start >= end:
            break
        yield Segment(text[position:span_start], is_marked=False)
        yield Segment(text[max(span_start, position) : min(span_end, end)], is_marked=True)
        position = min(span_end, end)
    yield Segment(text[position:end] + ("…" if end < len(text) else ""), is_marked=False)
