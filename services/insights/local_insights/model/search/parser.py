"""Parser of the query language: words and "phrases", AND, OR and NOT in capitals, parentheses."""

import re
from dataclasses import dataclass

from local_insights.model.search.query import And, Not, Or, Query
from local_insights.model.search.words import Term, fold, is_separator

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
    NOT and parentheses inside quotes are plain words and characters.

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
    return _Parser(tokens).whole()


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


class _Parser:
    """A recursive-descent parser with one method per level of precedence."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._terms = 0

    def whole(self) -> Query:
        query = self._alternatives()
        if self._token.kind == ")":
            raise _unmatched_parenthesis(self._token)
        return query

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
            if self._advance().kind != ")":
                raise SearchSyntaxError(token.position, "This ( is not closed.", "Add a ).")
        self._depth -= 1
        return query

    def _term(self, token: _Token) -> Query:
        self._terms += 1
        if self._terms > MAX_TERMS:
            problem = f"The search has more than {MAX_TERMS} words or phrases."
            raise SearchSyntaxError(token.position, problem, f"Use at most {MAX_TERMS}.")
        words = tuple(re.split(r"[\s\x00-\x1f]+", fold(token.text).strip()))
        words = tuple(filter(None, words))
        if all(is_separator(character) for word in words for character in word):
            remedy = "Search for a word, or for a phrase that contains a word."
            raise SearchSyntaxError(token.position, "This term has no letter and no digit.", remedy)
        return Term(words)

    def _missing_operand(self, token: _Token) -> SearchSyntaxError:
        before = self._tokens[self._next - 1] if self._next else None
        if before is not None and before.kind in _OPERATORS:
            remedy = f'Add a term after {before.text}, or search for the word itself with quotes: "{before.text}".'
            return SearchSyntaxError(before.position, f"{before.text} needs a term after it.", remedy)
        if before is not None and before.kind == "(":
            return SearchSyntaxError(before.position, "These parentheses are empty.", "Remove them.")
        if token.kind == ")":
            return _unmatched_parenthesis(token)
        remedy = f'Add a term before {token.text}, or search for the word itself with quotes: "{token.text}".'
        return SearchSyntaxError(token.position, f"{token.text} needs a term on both sides.", remedy)


def _unmatched_parenthesis(token: _Token) -> SearchSyntaxError:
    remedy = "Remove it, or add a (. In quotes, parentheses are plain characters."
    return SearchSyntaxError(token.position, "This ) has no matching (.", remedy)
