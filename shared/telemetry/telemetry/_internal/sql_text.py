"""SQL statements without their values."""

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
    """Replace every literal of a statement by `?`; placeholders (`%s`, `%(name)s`) and names are unchanged."""
    return _LITERAL.sub("?", statement).strip()


@lru_cache(maxsize=512)
def statement_name(statement: str, database: str) -> str:
    """Return a name of low cardinality for a statement, such as `INSERT mesh.submitted_values`.

    It consists of the verb and the first table of the statement, or of the database when there is no table.
    """
    text = without_literals(_COMMENT.sub(" ", statement))
    verb = text.split(None, 1)[0].upper() if text else "?"
    match = _TABLE.search(text)
    table = match[1].replace("`", "") if match else ""
    if table and "." not in table and database:
        table = f"{database}.{table}"
    return f"{verb} {table or database}".strip()
