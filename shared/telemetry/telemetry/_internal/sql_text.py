"""SQL statements without their values, and their names. Both are made from the tokens of `sql_tokens`."""

from dataclasses import dataclass
from functools import lru_cache

from telemetry._internal.sql_name import statement_name
from telemetry._internal.sql_tokens import DEFAULT_MODE, Kind, SqlMode, Token, tokens

_MAX_TEXT = 8192
"""Maximum length of a statement's text, in characters: Application Insights truncates the data of a dependency here."""
_MAX_CACHED = 10_000
"""Longest statement that is cached, in characters."""


@dataclass(frozen=True, slots=True)
class SqlText:
    """The parts of a statement that may be exported."""

    name: str
    """The verb and the table, or the database when there is no table: `INSERT mesh.submitted_values`."""
    text: str
    """The statement without comments, with `?` in place of every literal.

    It ends after the token that exceeds 8,192 characters.
    """


def describe_statement(statement: object, database: str, mode: SqlMode = DEFAULT_MODE) -> SqlText:
    """Return the name and the text of a statement, without its values.

    Placeholders (`%s`, `%(name)s`) and names are unchanged. Where the tokens are not reliable, such as after an open
    quote, the rest of the text is replaced by one `?`.

    Args:
        statement: A `str`, or `bytes` in UTF-8, which are read up to the first invalid byte. Anything else has no text.
        database: The name of the default database.
        mode: The mode of the session.
    """
    text = _decode(statement)
    return (_describe if len(text) <= _MAX_CACHED else _describe.__wrapped__)(text, database, mode)


def _decode(statement: object) -> str:
    if isinstance(statement, str):
        return str.__str__(statement)  # the connector sends the characters, also those of a subclass
    if not isinstance(statement, bytes | bytearray):
        return ""
    try:
        return statement.decode()
    except UnicodeDecodeError as error:
        return statement[: error.start].decode()


@lru_cache(maxsize=512)
def _describe(statement: str, database: str, mode: SqlMode) -> SqlText:
    parts: list[str] = []
    code: list[Token] = []
    length = 0
    for token in tokens(statement, mode):
        kind, shown = token
        if kind is Kind.LITERAL or kind is Kind.REST:
            shown = "?"
        elif kind is Kind.COMMENT:
            shown = " "
        if kind is not Kind.COMMENT and kind is not Kind.BLANK:
            code.append(token)
        elif shown == " " and (not parts or parts[-1][-1:].isspace()):
            continue
        parts.append(shown)
        length += len(shown)
        if length > _MAX_TEXT:
            break
    return SqlText(statement_name(code, database), "".join(parts).strip())
