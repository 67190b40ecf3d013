"""A tokenizer for SQL by the lexical rules of MySQL (https://dev.mysql.com/doc/refman/8.4/en/language-structure.html).

It fails closed: where the end of a literal, quoted name or comment is missing, or depends on the version of the server,
the rest of the statement becomes one token of kind `REST`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """The kind of a token."""

    LITERAL = auto()
    """A string, number, hexadecimal or bit value, with its prefix (`x'4D'`, `N'text'`)."""
    WORD = auto()
    """A keyword or a name without quotes."""
    QUOTED_NAME = auto()
    """A name in back quotes; with `ANSI_QUOTES` also a name in double quotes."""
    COMMENT = auto()
    BLANK = auto()
    OTHER = auto()
    """One character: an operator, a bracket, a separator, a part of a placeholder."""
    REST = auto()
    """The rest of a statement that cannot be tokenized reliably."""


class Token(NamedTuple):
    """A token and its text in the statement."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class SqlMode:
    """The modes of a MySQL session that change its tokens; both are off by default."""

    ansi_quotes: bool = False
    no_backslash_escapes: bool = False

    @classmethod
    def parse(cls, value: object) -> "SqlMode":
        """Read the mode from the connector's argument `sql_mode`: names separated by commas, or a sequence of names."""
        names = value if isinstance(value, list | tuple | set | frozenset) else str(value or "").split(",")
        modes = {str(name).strip().upper() for name in names}
        return cls(not modes.isdisjoint({"ANSI_QUOTES", "ANSI"}), "NO_BACKSLASH_ESCAPES" in modes)


DEFAULT_MODE = SqlMode()

_IN_TAG = r"\w\x80-\U0010ffff"
_IN_WORD = _IN_TAG + "$"  # MySQL: letters, digits, `_`, `$` and every character beyond ASCII
_BLANK = r"\x00-\x20\x7f"


def _quoted(quote: str, *, escapes: bool) -> str:
    """Return a pattern for a quoted text; the possessive repetition does not end in a doubled quote."""
    inner = rf"[^{quote}\\]+|\\.|{quote}{quote}" if escapes else rf"[^{quote}]+|{quote}{quote}"
    return f"{quote}(?:{inner})*+{quote}"


def _pattern(mode: SqlMode) -> re.Pattern[str]:
    escapes = not mode.no_backslash_escapes
    strings, names = "[xXbBnN]?" + _quoted("'", escapes=escapes), _quoted("`", escapes=False)
    if mode.ansi_quotes:
        names += "|" + _quoted('"', escapes=False)
    else:
        strings += "|" + _quoted('"', escapes=escapes)
    numbers = (
        rf"0[xX][0-9a-fA-F]+(?![{_IN_WORD}])"
        rf"|0[bB][01]+(?![{_IN_WORD}])"
        rf"|(?:[0-9]+\.[0-9]*|(?<![{_IN_WORD}`\"])\.[0-9]+)(?:[eE][+-]?[0-9]+)?[{_IN_WORD}]*"
        rf"|[0-9]+[eE][+-]?[0-9]+[{_IN_WORD}]*"
        rf"|[0-9]+(?![{_IN_WORD}])"
    )
    return re.compile(
        r"(?P<CONDITIONAL>/\*(?:M?!|\+))"
        rf"|(?P<COMMENT>/\*.*?(?:\*/|\Z)|\#[^\n]*|--(?=[{_BLANK}]|\Z)[^\n]*)"
        rf"|(?P<LITERAL>{strings}|{numbers})"
        rf"|(?P<QUOTED_NAME>{names})"
        # An open quote, or the start of a dollar-quoted text, which only servers since version 9 support.
        rf"|(?P<REST>['\"`]|\$[{_IN_TAG}]*\$)"
        rf"|(?P<WORD>[{_IN_WORD}]+)"
        rf"|(?P<BLANK>[{_BLANK}]+)"
        r"|(?P<OTHER>.)",
        re.DOTALL,
    )


_PATTERNS = {mode: _pattern(mode) for mode in (SqlMode(a, b) for a in (False, True) for b in (False, True))}
_KINDS = {kind.name: kind for kind in Kind}
_VERSION = re.compile(r"\A(?:[0-9]{6}(?=\s)|[0-9]{5})")


def tokens(statement: str, mode: SqlMode = DEFAULT_MODE) -> Iterator[Token]:
    """Yield the tokens of a statement; the last token is of kind `REST` when the tokenizer stopped early.

    The code of a conditional comment (`/*!40101 … */`) is part of the statement: its tokens are yielded between two
    blanks. Some servers execute it and others skip it; the same applies to `/*M! … */` and to hints (`/*+ … */`),
    which are yielded as comments. Both readings must end at the same character: a body that contains a comment, or a
    literal or quoted name that is not closed in it, ends the tokens.
    """
    pattern, position = _PATTERNS[mode], 0
    while match := pattern.match(statement, position):
        kind, position = match.lastgroup or "", match.end()
        if kind == "REST":
            yield Token(Kind.REST, statement[match.start() :])
            return
        if kind != "CONDITIONAL":
            yield Token(_KINDS[kind], match[0])
            continue
        end = statement.find("*/", position)
        body = statement[position:end] if end >= 0 else "/*"
        if match[0] == "/*!":
            body = _VERSION.sub("", body, count=1)
        inner = list(tokens(body, mode)) if "/*" not in body else [Token(Kind.REST, body)]
        if any(token.kind is Kind.COMMENT or token.kind is Kind.REST for token in inner):
            yield Token(Kind.REST, statement[match.start() :])
            return
        position = end + len("*/")
        if match[0] == "/*!":
            yield from (Token(Kind.BLANK, " "), *inner, Token(Kind.BLANK, " "))
        else:
            yield Token(Kind.COMMENT, statement[match.start() : position])
