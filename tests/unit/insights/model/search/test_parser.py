from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.model.search.parser import (
    MAX_DEPTH,
    MAX_QUERY_LENGTH,
    MAX_TERMS,
    SearchSyntaxError,
    parse,
    unmatched_parentheses,
)
from local_insights.model.search.query import And, Not, Or, Query, positive_terms
from local_insights.model.search.words import Term
from support.search_reference import format_query, queries

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
        ("Foo.Bar.Baz()", Term(("foo.bar.baz",))),
        ("at f (file.js:10:5)", And((Term(("at",)), Term(("f",)), Term(("file.js:10:5",))))),
        ("a (()) b", And((A, B))),
        ("NOT a() b", And((Not(A), B))),
        ("()", Term(("()",))),
        ("(a", And((Term(("(",)), A))),
        ("a)", And((A, Term((")",))))),
        (") (", And((Term((")",)), Term(("(",))))),
        ("(a OR b) c)", And((Or((A, B)), C, Term((")",))))),
        ("a & b", And((A, Term(("&",)), B))),
        ("🚀", Term(("🚀",))),
    ],
)
def test_query_is_parsed(text: str, query: Query | None) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "position", "problem", "remedy"),
    [
        ('a "b c', 3, "is not closed", 'another "'),
        ('"', 1, "is not closed", "remove the"),
        ("AND a", 1, "AND needs a term on both sides", 'with quotes: "AND"'),
        ("a OR", 3, "OR needs a term after it", "Add a term after OR"),
        ("a OR OR b", 3, "OR needs a term after it", 'with quotes: "OR"'),
        ("NOT", 1, "NOT needs a term after it", 'with quotes: "NOT"'),
        ("a AND AND b", 3, "AND needs a term after it", "Add a term after AND"),
        ('a ""', 3, "phrase is empty", "Remove it"),
        ("a (OR b)", 4, "OR needs a term on both sides", "Add a term before OR"),
        ("(a OR) b", 4, "OR needs a term after it", "Add a term after OR"),
        ("x" * (MAX_QUERY_LENGTH + 1), MAX_QUERY_LENGTH + 1, "too long", f"at most {MAX_QUERY_LENGTH:,}"),
        ("a " * (MAX_TERMS + 1), 2 * MAX_TERMS + 1, f"more than {MAX_TERMS}", f"at most {MAX_TERMS}"),
        (
            "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
            MAX_DEPTH + 1,
            f"more than {MAX_DEPTH} levels",
            "fewer levels",
        ),
        ("NOT " * (MAX_DEPTH + 1) + "a", 4 * MAX_DEPTH + 1, f"more than {MAX_DEPTH} levels", "fewer levels"),
    ],
)
def test_syntax_error_has_position_problem_and_remedy(text: str, position: int, problem: str, remedy: str) -> None:
    with pytest.raises(SearchSyntaxError) as raised:
        parse(text)
    assert raised.value.position == position
    assert problem in raised.value.problem
    assert remedy in raised.value.remedy


@given(st.text(alphabet='ab "()ANDORT\x00é&', max_size=30))
def test_any_text_is_parsed_or_rejected_with_a_position_within_it(text: str) -> None:
    with suppress(SearchSyntaxError):
        parse(text)
        return
    with pytest.raises(SearchSyntaxError) as raised:
        parse(text)
    assert 1 <= raised.value.position <= len(text) + 1


@given(queries)
def test_formatted_query_is_parsed_to_the_same_query(query: Query) -> None:
    assert parse(format_query(query)) == query


def test_positive_terms_are_the_terms_outside_of_not() -> None:
    assert list(positive_terms(parse("a (b OR NOT c)"))) == [A, B]
    assert list(positive_terms(None)) == []


@pytest.mark.parametrize(
    ("text", "positions"), [("a (b) c", ()), ("f(x", (2,)), ("a) b (", (2, 6)), ('"(" a', ()), ("()", ())]
)
def test_parentheses_that_are_text_have_positions(text: str, positions: tuple[int, ...]) -> None:
    assert unmatched_parentheses(text) == positions
