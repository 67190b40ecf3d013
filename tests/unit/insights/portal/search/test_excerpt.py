from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.search.words import Term
from local_insights.portal.search.excerpt import MARKED_LENGTH, Segment, excerpt, marked_spans
from support.search_reference import phrases, term, texts

NEEDLE = Term(("needle",))


def shown(text: str, *terms: Term, limit: int = 100) -> str:
    """Return an excerpt as text, with its marks in brackets."""
    segments = excerpt(text, marked_spans(text, terms), limit)
    return "".join(f"[{segment.text}]" if segment.is_marked else segment.text for segment in segments)


def test_short_text_is_shown_whole_with_all_marks() -> None:
    assert shown("Needle in hay, needle!", NEEDLE) == "[Needle] in hay, [needle]!"


def test_text_without_marks_is_cut_at_its_end() -> None:
    assert shown("hay" * 100, NEEDLE, limit=10) == "hayhayhayh…"


def test_text_is_cut_around_its_first_mark() -> None:
    cut = shown(f"{'hay ' * 100}needle {'hay ' * 100}", NEEDLE)
    assert cut.startswith("…hay ")
    assert "hay [needle] hay" in cut
    assert cut.endswith("…")
    assert len(cut) <= 104


def test_overlapping_marks_are_merged() -> None:
    assert shown("a needle in hay", NEEDLE, Term(("needle", "in")), Term(("in", "hay"))) == "a [needle in hay]"


def test_mark_longer_than_the_excerpt_is_cut() -> None:
    assert shown("x" * 50, Term(("x" * 50,)), limit=10) == f"[{'x' * 10}]…"


def test_only_the_start_of_a_huge_text_is_marked() -> None:
    text = f"{'hay ' * MARKED_LENGTH}needle"
    assert shown(text, NEEDLE, limit=7) == "hay hay…"


@given(texts, st.lists(phrases.map(term), max_size=3), st.integers(1, 20))
def test_excerpt_is_part_of_its_text_property(text: str, terms: list[Term], limit: int) -> None:
    segments = excerpt(text, marked_spans(text, terms), limit)
    joined = "".join(segment.text for segment in segments)
    assert joined.removeprefix("…").removesuffix("…") in text
    assert len(joined) <= limit + 2
    assert all(isinstance(segment, Segment) and segment.text for segment in segments)
