"""Names of SQL statements, from the tokens of `sql_tokens`."""

from collections.abc import Iterator, Sequence

from telemetry._internal.sql_tokens import Kind, Token

_QUERIES = frozenset({"SELECT", "WITH", "TABLE", "VALUES"})
_VERBS = _QUERIES | {"INSERT", "REPLACE", "UPDATE", "DELETE"}
_NAME_AFTER_VERB = frozenset({"INSERT", "REPLACE", "UPDATE", "TABLE", "TRUNCATE", "DESCRIBE", "DESC", "HANDLER"})
_DEFINITIONS = frozenset(
    {"ALTER", "ANALYZE", "CHECK", "CHECKSUM", "CREATE", "DROP", "LOCK", "OPTIMIZE", "RENAME", "REPAIR"}
)
_BEFORE_NAME = frozenset(
    {"(", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "IGNORE", "INTO", "TABLE", "IF", "NOT", "EXISTS", "LATERAL"}
)
"""Keywords between the keyword that introduces a table and the name. Those that MySQL does not reserve cannot be
the name at this position."""
_NO_TABLE = frozenset({"SELECT", "WITH", "VALUES", "DUAL", "SET"})


def statement_name(tokens: Sequence[Token], database: str) -> str:
    """Return a name of low cardinality for a statement, such as `INSERT mesh.submitted_values`.

    It consists of the verb and the first table of the statement, or of the database when there is no table. The verb of
    `WITH … SELECT` is SELECT, and its table is not the name of a common table expression. Of several statements, the
    first is named.

    Args:
        tokens: The tokens of the statement without comments and blanks.
        database: The database of tables that are not qualified.
    """
    code = _Code(tokens)
    verb = code.keywords[code.verb] if code.verb < len(tokens) and tokens[code.verb].kind is Kind.WORD else "?"
    table = code.table() if verb != "?" else ""
    if table and "." not in table and database:
        table = f"{database}.{table}"
    return f"{verb} {table or database}".strip()


class _Code:
    """The keywords, names and brackets of the first statement of a text."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.keywords: list[str] = []
        """The word in capitals, the character of other tokens, "" for quoted names and literals."""
        self._names: list[str] = []
        """The name without quotes, "" for other tokens."""
        self._depths: list[int] = []
        self._heads: list[str] = []
        """The first keyword in the innermost brackets; "" outside brackets."""
        self._read(tokens)
        start = next((index for index, keyword in enumerate(self.keywords) if keyword not in {"(", ";"}), len(tokens))
        self._expressions: set[str] = set()
        """Names of common table expressions, in lower case."""
        self.verb = self._after_expressions(start)

    def _read(self, tokens: Sequence[Token]) -> None:
        heads: list[str | None] = []
        for token in tokens:
            is_word = token.kind is Kind.WORD
            keyword = token.text.upper() if is_word or token.kind is Kind.OTHER else ""
            if keyword == ";" and any(self._names):
                break
            if heads and heads[-1] is None:
                heads[-1] = keyword
            if keyword == ")" and heads:
                heads.pop()
            self.keywords.append(keyword)
            self._names.append(token.text if is_word else _unquoted(token))
            self._depths.append(len(heads))
            self._heads.append((heads[-1] or "") if heads else "")
            if keyword == "(":
                heads.append(None)

    def _after_expressions(self, start: int) -> int:
        """Return the position of the verb that follows `WITH name AS (…), …`, and note the names."""
        if self._keyword(start) != "WITH":
            return start
        for index in range(start + 1, len(self.keywords)):
            previous = self._keyword(index - 1)
            if self.keywords[index] in _VERBS and (
                (previous == ")" and self._depths[index] == self._depths[start])
                or (previous == "(" and self._keyword(index - 2) == ")")
            ):
                return index
            if self._depths[index] == self._depths[start] and previous in {"WITH", "RECURSIVE", ","}:
                self._expressions.add(self._names[index].lower())
        return start

    def table(self) -> str:
        """Return the first table of the statement, `table` or `database.table`; "" if there is none."""
        verb = self.verb
        if self.keywords[verb] in {"EXPLAIN", "DESCRIBE", "DESC"}:
            described = (index for index in range(verb + 1, len(self.keywords)) if self.keywords[index] in _VERBS)
            verb = self._after_expressions(next(described, verb))
        if self.keywords[verb] in _NAME_AFTER_VERB:
            return self._table_at(verb + 1, before_bracket=True)
        for index in self._introductions(verb):
            if name := self._table_at(index + 1, before_bracket=self.keywords[verb] in _DEFINITIONS):
                return name
        return ""

    def _introductions(self, verb: int) -> Iterator[int]:
        """Yield the positions of the keywords that precede a table: first those outside subqueries of the columns."""
        found = [index for index in range(verb + 1, len(self.keywords)) if self._introduces(self.keywords[verb], index)]
        outermost = min(found, key=lambda index: self._depths[index], default=0)
        yield from (index for index in found if index >= outermost)
        yield from (index for index in found if index < outermost)
        if self._expressions:  # the statement uses only common table expressions: name the table they read
            yield from (index for index in range(verb) if self._introduces("SELECT", index))

    def _introduces(self, verb: str, index: int) -> bool:
        keyword, previous = self.keywords[index], self._keyword(index - 1)
        if verb in _DEFINITIONS:
            is_on_table = keyword == "ON" and ("INDEX" in self.keywords[:index] or "TRIGGER" in self.keywords[:index])
            return keyword in {"TABLE", "TABLES", "VIEW"} or is_on_table
        if verb == "SHOW":
            parts = {"COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS"}
            return (keyword == "TABLE" and previous == "CREATE") or (keyword in {"FROM", "IN"} and previous in parts)
        if verb == "LOAD":
            return keyword == "TABLE"
        # FROM is also used in functions: EXTRACT(YEAR FROM t), TRIM('x' FROM t)
        return keyword in {"FROM", "JOIN", "STRAIGHT_JOIN"} and (
            self._depths[index] == 0 or self._heads[index] in _QUERIES
        )

    def _table_at(self, index: int, *, before_bracket: bool) -> str:
        while self._keyword(index) in _BEFORE_NAME:
            index += 1
        if index >= len(self._names) or not self._names[index] or self.keywords[index] in _NO_TABLE:
            return ""
        name = self._names[index]
        if self._keyword(index + 1) == "." and index + 2 < len(self._names) and self._names[index + 2]:
            index += 2
            name = f"{name}.{self._names[index]}"
        elif name.lower() in self._expressions:
            return ""
        is_function = self._keyword(index + 1) == "(" and not before_bracket
        return "" if is_function else name

    def _keyword(self, index: int) -> str:
        return self.keywords[index] if 0 <= index < len(self.keywords) else ""


def _unquoted(token: Token) -> str:
    if token.kind is not Kind.QUOTED_NAME:
        return ""
    quote = token.text[0]
    return token.text[1:-1].replace(quote * 2, quote)
