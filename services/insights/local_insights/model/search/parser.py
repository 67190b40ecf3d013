"""Parser of the query language: words and "phrases", AND, OR and NOT in capitals, parentheses.

Queries are often pasted from messages and stack traces. Therefore parentheses that cannot group are not an error: `()`
is ignored (`Foo.Bar()` finds `Foo.Bar`), and a parenthesis without its counterpart is a term.
"""

import re
from dataclasses import dataclass

from local_insights.model.search.query import And, Not, Or, Query
from local_insights.model.search.words import Term, fold

MAX_QUERY_LENGTH = 1_000
"""Maximum number of characters of a query."""
MAX_TERMS = 30
"""Maximum number of terms of a query. Each term scans every text once."""
MAX_DEPTH = 20
"""Maximum nesting of parentheses and NOTs."""

_TOKEN = re.compile(r'(?P<phrase>"(?P<inside>[^"]*)(?P<end>"?))|(?P<bracket>[()])|(?P<word>[^\s\x00-\x1f"()]+)')
_OPERATORS = {"AND", "OR", "NOT"}


class SearchSyntaxError(ValueError):
    """A syntax error in a query.

    Attributes:
        position: the position of the error in the query, counted from 1.
        problem: the problem, as a sentence.
        remedy: the fix, as a sentence.
    """

    def __init__(self, position: int, problem: str, remedy: str) -> None:
        super().__init__(f"Character {position}: {problem} {remedy}")
        self.position = position
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`word`, `(`, `)`, `AND`, `OR`, `NOT`, or `end`."""
    text: str
    position: int


def parse(text: str) -> Query | None:
    """Parse a query. Return None for an empty query.

    Adjacent terms are joined by AND. NOT has the highest precedence, then AND, then OR. Quotes form a phrase; AND, OR,
    NOT and parentheses inside quotes are plain words and characters, as are parentheses without a counterpart.

    Raises:
        SearchSyntaxError: the query has a syntax error.
    """
    if len(text) > MAX_QUERY_LENGTH:
        raise SearchSyntaxError(
            MAX_QUERY_LENGTH + 1, "The search is too long.", f"Use at most {MAX_QUERY_LENGTH:,} characters."
        )
    tokens = _tokens(text)
    if tokens[0].kind == "end":
        return None
    return _Parser(_with_grouping_parentheses(tokens)).whole()


def unmatched_parentheses(text: str) -> tuple[int, ...]:
    """Return the positions, from 1, of the parentheses of a valid query that are searched as text."""
    tokens = _tokens(text)
    return tuple(tokens[index].position for index in _unmatched(tokens))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        position = match.start() + 1
        if match["phrase"]:
            if not match["end"]:
                remedy = 'Close it with another ", or remove the ".'
                raise SearchSyntaxError(position, "The phrase that starts here is not closed.", remedy)
            tokens.append(_Token("word", match["inside"], position))
        elif match["bracket"] or match["word"] in _OPERATORS:
            tokens.append(_Token(match[0], match[0], position))
        else:
            tokens.append(_Token("word", match["word"], position))
    return [*tokens, _Token("end", "", len(text) + 1)]


def _unmatched(tokens: list[_Token]) -> list[int]:
    """Return the indexes of the parentheses without a counterpart, in order."""
    opened: list[int] = []
    unmatched: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind == "(":
            opened.append(index)
        elif token.kind == ")":
            if opened:
                opened.pop()
            else:
                unmatched.append(index)
    return sorted((*unmatched, *opened))


def _with_grouping_parentheses(tokens: list[_Token]) -> list[_Token]:
    """Return the tokens without empty parentheses, and with those that have no counterpart as words."""
    as_text = set(_unmatched(tokens))
    remaining: list[_Token] = []
    for index, token in enumerate(tokens):
        if index in as_text:
            remaining.append(_Token("word", token.text, token.position))
        elif token.kind == ")" and remaining[-1].kind == "(":
            remaining.pop()
        else:
            remaining.append(token)
    if len(remaining) > 1:
        return remaining
    return [_Token("word", "".join(token.text for token in tokens), 1), remaining[-1]]


class _Parser:
    """A recursive-descent parser with one method per level of precedence."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._terms = 0

    def whole(self) -> Query:
        return self._alternatives()

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _advance(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _alternatives(self) -> Query:
        operands = [self._conjunction()]
        while self._token.kind == "OR":
            self._advance()
            operands.append(self._conjunction())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _conjunction(self) -> Query:
        operands = [self._operand()]
        while self._token.kind in {"AND", "NOT", "word", "("}:
            if self._token.kind == "AND":
                self._advance()
            operands.append(self._operand())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _operand(self) -> Query:
        token = self._advance()
        match token.kind:
            case "word":
                return self._term(token)
            case "NOT":
                return Not(self._deeper(token))
            case "(":
                return self._deeper(token)
        self._next -= 1
        raise self._missing_operand(token)

    def _deeper(self, token: _Token) -> Query:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            problem = f"Parentheses and NOTs are nested more than {MAX_DEPTH} levels deep."
            raise SearchSyntaxError(token.position, problem, "Use fewer levels.")
        if token.kind == "NOT":
            query = self._operand()
        else:
            query = self._alternatives()
            self._advance()
        self._depth -= 1
        return query

    def _term(self, token: _Token) -> Query:
        self._terms += 1
        if self._terms > MAX_TERMS:
            problem = f"The search has more than {MAX_TERMS} words or phrases."
            raise SearchSyntaxError(token.position, problem, f"Use at most {MAX_TERMS}.")
        words = tuple(re.split(r"[\s\x00-\x1f]+", fold(token.text).strip()))
        words = tuple(filter(None, words))
        if not words:
            raise SearchSyntaxError(token.position, "This phrase is empty.", "Remove it.")
        return Term(words)

    def _missing_operand(self, token: _Token) -> SearchSyntaxError:
        before = self._tokens[self._next - 1] if self._next else None
        if before is not None and before.kind in _OPERATORS:
            remedy = f'Add a term after {before.text}, or search for the word itself with quotes: "{before.text}".'
            return SearchSyntaxError(before.position, f"{before.text} needs a term after it.", remedy)
        remedy = f'Add a term before {token.text}, or search for the word itself with quotes: "{token.text}".'
        return SearchSyntaxError(token.position, f"{token.text} needs a term on both sides.", remedy)
