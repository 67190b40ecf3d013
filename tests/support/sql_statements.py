"""Random SQL statements by the rules of MySQL, with marks in every value, comment and name."""

from hypothesis import strategies as st

VALUE_MARK = "V9Q7X3"
COMMENT_MARK = "C9Q7X3"
NAME_MARK = "N9Q7X3"

_TRICKY = st.lists(
    st.sampled_from(["'", '"', "`", "\\", "/*", "--", "-- ", "#", "\n", ";", "%s", "FROM", " ", "é", "$$", "x", "0x"]),
    max_size=4,
).map("".join)
"""Text that ends or starts another token where the lexical rules are not followed exactly."""


def marked_statements() -> st.SearchStrategy[str]:
    """Build statements whose tokens are separated by blanks and comments; their syntax is not always valid."""
    parts = st.lists(
        st.tuples(marked_separators(), st.one_of(marked_literals(), _names(), _code(), _conditional())), max_size=12
    )
    return st.tuples(parts, marked_separators()).map(
        lambda drawn: "".join(f"{separator}{part}" for separator, part in drawn[0]) + drawn[1]
    )


def _around(mark: str) -> st.SearchStrategy[str]:
    return st.tuples(_TRICKY, _TRICKY).map(lambda drawn: f"{drawn[0]}{mark}{drawn[1]}")


def marked_literals() -> st.SearchStrategy[str]:
    """Build strings and hexadecimal values that contain the mark of values."""
    values = _around(VALUE_MARK)
    styles = st.tuples(values, st.sampled_from("'\""), st.booleans())
    return st.one_of(
        styles.map(lambda drawn: _quote(drawn[0], drawn[1], escape=drawn[2])),
        values.map(lambda value: "N" + _quote(value, "'", escape=False)),
        values.map(lambda value: "_utf8mb4 " + _quote(value, "'", escape=True)),
        values.map(lambda value: f"x'{value.encode().hex()}'"),
        values.map(lambda value: f"0x{value.encode().hex()}"),
    )


def _quote(value: str, quote: str, *, escape: bool) -> str:
    doubled = value.replace("\\", "\\\\").replace(quote, f"\\{quote}" if escape else quote * 2)
    return f"{quote}{doubled}{quote}"


def _names() -> st.SearchStrategy[str]:
    quoted = _around(NAME_MARK).map(lambda name: f"`{name.replace('`', '``')}`")
    return st.one_of(quoted, st.sampled_from([NAME_MARK, f"t.{NAME_MARK}", f"é{NAME_MARK}", f"@{NAME_MARK}"]))


def _code() -> st.SearchStrategy[str]:
    return st.sampled_from(
        [
            "SELECT",
            "FROM",
            "INSERT INTO",
            "UPDATE",
            "WITH",
            "AS",
            "(",
            ")",
            ",",
            "=",
            "%s",
            "%(id)s",
            "-",
            "/",
            "*",
            ";",
            "1.5e3",
        ]
    )


def _conditional() -> st.SearchStrategy[str]:
    values = st.sampled_from([f"'{VALUE_MARK}'", f"a = \"{VALUE_MARK}''\"", f"'it''s {VALUE_MARK}\\'', b"])
    return st.tuples(st.sampled_from(["!", "!50000", "!080034 "]), values).map(
        lambda drawn: f"/*{drawn[0]} {drawn[1]} */"
    )


def marked_separators() -> st.SearchStrategy[str]:
    """Build blanks and comments; the comments contain the mark of comments."""
    comments = _around(COMMENT_MARK)
    lines = comments.map(lambda text: text.replace("\n", " ") + "\n")
    return st.one_of(
        st.sampled_from([" ", "\n", "\t "]),
        comments.map(lambda text: f" /* {text.replace('*/', '* ')} */"),
        lines.map(lambda text: f" #{text}"),
        lines.map(lambda text: f" -- {text}"),
        lines.map(lambda text: f" --\t{text}"),
    )
