from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.search.parser import MAX_DEPTH, MAX_QUERY_LENGTH, MAX_TERMS, SearchSyntaxError, parse
from local_insights.model.search.query import And, Not, Or, Query, positive_terms
from local_insights.model.search.words import Term
from support.search_reference import queries, written

A, B, C = Term(("a",)), Term(("b",)), Term(("c",))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", None),
        (" \t ", None),
        ("a", A),
        ("A", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a b AND c", And((A, B, C))),
        ("a OR b", Or((A, B))),
        ("NOT a", Not(A)),
        ("a NOT b", And((A, Not(B)))),
        ("a AND NOT b", And((A, Not(B)))),
        ("NOT NOT a", Not(Not(A))),
        ("a OR b c", Or((A, And((B, C))))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("NOT (a b)", Not(And((A, B)))),
        ("((a))", A),
        ('"a b"', Term(("a", "b"))),
        ('"  A \n b "', Term(("a", "b"))),
        ('a"b"', And((A, B))),
        ('"AND"', Term(("and",))),
        ("and", Term(("and",))),
        ('"(a)"', Term(("(a)",))),
        ("/values?x=1", Term(("/values?x=1",))),
        ("a\x00b", And((A, B))),
    ],
)
def test_query_is_read(text: str, query: Query | None) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "position", "problem", "remedy"),
    [
        ('a "b c', 3, "does not end", 'another "'),
        ('"', 1, "does not end", "leave it out"),
        ("AND a", 1, "Nothing stands before AND", '"AND" in quotes'),
        ("a OR", 3, "Nothing follows OR", "Put a word after it"),
        ("a OR OR b", 3, "Nothing follows OR", '"OR" in quotes'),
        ("NOT", 1, "Nothing follows NOT", '"NOT" in quotes'),
        ("a AND AND b", 3, "Nothing follows AND", "Put a word after it"),
        ("(a", 1, "is not closed", "Put a )"),
        ("a)", 2, "closes nothing", "Leave it out"),
        (")", 1, "closes nothing", "Leave it out"),
        ("a ()", 3, "nothing in these parentheses", "Leave them out"),
        ('a ""', 3, "no letter and no digit", "a word in it"),
        ("a & b", 3, "no letter and no digit", "a word in it"),
        ("x" * (MAX_QUERY_LENGTH + 1), MAX_QUERY_LENGTH + 1, "too long", f"at most {MAX_QUERY_LENGTH:,}"),
        ("a " * (MAX_TERMS + 1), 2 * MAX_TERMS + 1, f"number {MAX_TERMS + 1}", f"at most {MAX_TERMS}"),
        ("(" * (MAX_DEPTH + 1) + "a", MAX_DEPTH + 1, "within one another", "flatter"),
        ("NOT " * (MAX_DEPTH + 1) + "a", 4 * MAX_DEPTH + 1, "within one another", "flatter"),
    ],
)
def test_refusal_names_the_place_and_what_to_do(text: str, position: int, problem: str, remedy: str) -> None:
    with pytest.raises(SearchSyntaxError) as refused:
        parse(text)
    assert refused.value.position == position
    assert problem in refused.value.problem
    assert remedy in refused.value.remedy


@given(st.text(alphabet='ab "()ANDORT\x00é&', max_size=30))
def test_any_text_is_read_or_refused_within_it(text: str) -> None:
    with suppress(SearchSyntaxError):
        parse(text)
        return
    with pytest.raises(SearchSyntaxError) as refused:
        parse(text)
    assert 1 <= refused.value.position <= len(text) + 1


@given(queries)
def test_query_that_is_written_out_is_read_as_it_was_meant(query: Query) -> None:
    assert parse(written(query)) == query


def test_wanted_terms_are_those_not_under_a_not() -> None:
    assert list(positive_terms(parse("a (b OR NOT c)"))) == [A, B]
    assert list(positive_terms(None)) == []
