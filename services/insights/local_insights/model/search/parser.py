"""Reading a query: words and "phrases", AND, OR and NOT in capitals, parentheses."""

import re
from dataclasses import dataclass

from local_insights.model.search.query import And, Not, Or, Query
from local_insights.model.search.words import Term, fold, is_separator

MAX_QUERY_LENGTH = 1_000
"""Characters of a query."""
MAX_TERMS = 30
"""Each term is one more look at every text."""
MAX_DEPTH = 20
"""Parentheses and NOTs within one another."""

_TOKEN = re.compile(r'(?P<phrase>"(?P<inside>[^"]*)(?P<end>"?))|(?P<bracket>[()])|(?P<word>[^\s\x00-\x1f"()]+)')
_OPERATORS = {"AND", "OR", "NOT"}


class SearchSyntaxError(ValueError):
    """A query that cannot be read.

    Attributes:
        position: the character at which it stops making sense, counted from 1.
        problem: what is wrong there, as a sentence.
        remedy: what to write instead, as a sentence.
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
    """Read a query; None when there is nothing in it.

    Terms side by side mean AND. NOT binds closest, then AND, then OR. Two quotes make a phrase of what stands between
    them, and plain words of AND, OR, NOT and parentheses.

    Raises:
        SearchSyntaxError: it cannot be read.
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
                remedy = 'Close it with another ", or leave it out.'
                raise SearchSyntaxError(position, 'The phrase that begins here with " does not end.', remedy)
            tokens.append(_Token("word", match["inside"], position))
        elif match["bracket"] or match["word"] in _OPERATORS:
            tokens.append(_Token(match[0], match[0], position))
        else:
            tokens.append(_Token("word", match["word"], position))
    return [*tokens, _Token("end", "", len(text) + 1)]


class _Parser:
    """Recursive descent: a method for each level of binding."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._terms = 0

    def whole(self) -> Query:
        query = self._alternatives()
        if self._token.kind == ")":
            raise _closes_nothing(self._token)
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
            problem = f"More than {MAX_DEPTH} parentheses and NOTs stand within one another here."
            raise SearchSyntaxError(token.position, problem, "Write it flatter.")
        if token.kind == "NOT":
            query = self._operand()
        else:
            query = self._alternatives()
            if self._advance().kind != ")":
                raise SearchSyntaxError(token.position, "The ( that stands here is not closed.", "Put a ) after it.")
        self._depth -= 1
        return query

    def _term(self, token: _Token) -> Query:
        self._terms += 1
        if self._terms > MAX_TERMS:
            problem = f"This is word or phrase number {self._terms}."
            raise SearchSyntaxError(token.position, problem, f"Use at most {MAX_TERMS}.")
        words = tuple(re.split(r"[\s\x00-\x1f]+", fold(token.text).strip()))
        words = tuple(filter(None, words))
        if all(is_separator(character) for word in words for character in word):
            remedy = "Search for a word, or for a phrase with a word in it."
            raise SearchSyntaxError(token.position, "There is no letter and no digit in what stands here.", remedy)
        return Term(words)

    def _missing_operand(self, token: _Token) -> SearchSyntaxError:
        before = self._tokens[self._next - 1] if self._next else None
        if before is not None and before.kind in _OPERATORS:
            remedy = f'Put a word after it; to search for the word itself, write "{before.text}" in quotes.'
            return SearchSyntaxError(before.position, f"Nothing follows {before.text}.", remedy)
        if before is not None and before.kind == "(":
            return SearchSyntaxError(before.position, "There is nothing in these parentheses.", "Leave them out.")
        if token.kind == ")":
            return _closes_nothing(token)
        remedy = f'Put a word before it; to search for the word itself, write "{token.text}" in quotes.'
        return SearchSyntaxError(token.position, f"Nothing stands before {token.text}.", remedy)


def _closes_nothing(token: _Token) -> SearchSyntaxError:
    remedy = "Leave it out, or put a ( before it; between quotes it is a plain character."
    return SearchSyntaxError(token.position, "This ) closes nothing.", remedy)
