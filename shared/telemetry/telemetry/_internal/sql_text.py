"""SQL statements as telemetry may show them: what was done to which table, without the values."""

import re
from functools import lru_cache

_LITERAL = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|\b0x[0-9a-fA-F]+\b|\b\d+(?:\.\d+)?\b")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TABLE = re.compile(
    r"\b(?:FROM|INTO|UPDATE|JOIN|TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+(?:IGNORE\s+)?((?:`[^`]+`|[\w$]+)(?:\.(?:`[^`]+`|[\w$]+))?)",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def without_literals(statement: str) -> str:
    """The statement with `?` for every literal; placeholders (`%s`, `%(name)s`) and names stay."""
    return _LITERAL.sub("?", statement).strip()


@lru_cache(maxsize=512)
def statement_name(statement: str, database: str) -> str:
    """What the statement does, as `INSERT mesh.submitted_values`; few names for many statements.

    The table is the first that is named; a statement without one is named after the database.
    """
    text = without_literals(_COMMENT.sub(" ", statement))
    verb = text.split(None, 1)[0].upper() if text else "?"
    match = _TABLE.search(text)
    table = match[1].replace("`", "") if match else ""
    if table and "." not in table and database:
        table = f"{database}.{table}"
    return f"{verb} {table or database}".strip()
