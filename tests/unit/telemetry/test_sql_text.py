import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.sql_statements import COMMENT_MARK, NAME_MARK, VALUE_MARK, marked_statements
from telemetry._internal.sql_text import describe_statement
from telemetry._internal.sql_tokens import SqlMode


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("INSERT INTO submitted_values (value) VALUES (%s)", "INSERT mesh.submitted_values"),
        ("INSERT HIGH_PRIORITY IGNORE t(a) SELECT a FROM u", "INSERT mesh.t"),
        ("REPLACE orders VALUES (1)", "REPLACE mesh.orders"),
        ("select id from `submitted values` order by id", "SELECT mesh.submitted values"),
        ("SELECT * FROM other.things", "SELECT other.things"),
        ("SELECT * FROM `a``b` . `c`", "SELECT a`b.c"),
        ("SELECT * FROM 2024_orders", "SELECT mesh.2024_orders"),
        ("SELECT EXTRACT(YEAR FROM created_at), TRIM('x' FROM y) FROM orders", "SELECT mesh.orders"),
        ("SELECT (SELECT MAX(b) FROM inner_table) FROM outer_table", "SELECT mesh.outer_table"),
        ("SELECT * FROM (SELECT * FROM t) AS x JOIN u", "SELECT mesh.t"),
        ("SELECT * FROM (t1 JOIN t2)", "SELECT mesh.t1"),
        ("SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a INT PATH '$')) AS j JOIN t", "SELECT mesh.t"),
        ("SELECT 1 FROM DUAL", "SELECT mesh"),
        ("SELECT 'drawn FROM life' FROM things", "SELECT mesh.things"),
        ("SELECT * FROM %s", "SELECT mesh"),
        ("SELECT * FROM 'secret'", "SELECT mesh"),
        ("(SELECT a FROM t) UNION (SELECT b FROM u)", "SELECT mesh.t"),
        ("WITH r AS (SELECT * FROM orders) SELECT * FROM r", "SELECT mesh.orders"),
        ("WITH r AS (SELECT * FROM orders) SELECT * FROM r JOIN things", "SELECT mesh.things"),
        ("WITH RECURSIVE r (n) AS (SELECT 1), q AS (SELECT 2) UPDATE things SET a = 1", "UPDATE mesh.things"),
        ("WITH r AS (SELECT 1) (SELECT * FROM r)", "SELECT mesh"),
        ("UPDATE things SET a = %s", "UPDATE mesh.things"),
        ("UPDATE LOW_PRIORITY IGNORE things SET a = 1", "UPDATE mesh.things"),
        ("DELETE FROM things", "DELETE mesh.things"),
        ("DELETE a FROM accounts AS a", "DELETE mesh.accounts"),
        ("LOAD DATA LOCAL INFILE '/x' REPLACE INTO TABLE t", "LOAD mesh.t"),
        ("CREATE TABLE IF NOT EXISTS things (id INT)", "CREATE mesh.things"),
        ("CREATE INDEX i ON things (a)", "CREATE mesh.things"),
        ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", "CREATE mesh"),
        ("TRUNCATE TABLE things", "TRUNCATE mesh.things"),
        ("TABLE things", "TABLE mesh.things"),
        ("SHOW COLUMNS FROM things", "SHOW mesh.things"),
        ("SHOW TABLES FROM other", "SHOW mesh"),
        ("EXPLAIN FORMAT = JSON UPDATE things SET a = 1", "EXPLAIN mesh.things"),
        ("/*!40000 ALTER TABLE `things` DISABLE KEYS */", "ALTER mesh.things"),
        ("/* from the report */ SELECT 1", "SELECT mesh"),
        ("-- name: get_user\nSELECT id FROM users", "SELECT mesh.users"),
        ("# the user's orders\nSELECT id FROM/**/users", "SELECT mesh.users"),
        ("SELECT 1 FROM t; SELECT 2 FROM u", "SELECT mesh.t"),
        ("'secret' SELECT", "? mesh"),
        ("", "? mesh"),
        (None, "? mesh"),
        (b"SELECT a FROM t", "SELECT mesh.t"),
        (bytearray(b"SELECT a FROM t"), "SELECT mesh.t"),
    ],
)
def test_name_consists_of_verb_and_table(statement: object, name: str) -> None:
    assert describe_statement(statement, "mesh").name == name


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("a = 'x' AND b = \"y\" AND c = 1.5 AND d = 0xff", "a = ? AND b = ? AND c = ? AND d = ?"),
        ("a = 'it''s \\' it' AND b = %s", "a = ? AND b = %s"),
        ("SELECT t1.a2 FROM t1 WHERE t1.id = %(id)s LIMIT 10", "SELECT t1.a2 FROM t1 WHERE t1.id = %(id)s LIMIT ?"),
        ("SELECT x'4D', 0b01, N'x', _utf8'x', .5, 1e5, 1.5e-3, -2", "SELECT ?, ?, ?, _utf8?, ?, ?, ?, -?"),
        ("SELECT 'a\\\\', 'secret'", "SELECT ?, ?"),
        ("SELECT 5--2, 'secret'", "SELECT ?--?, ?"),
        ("SELECT `a``b'c`, 'secret'", "SELECT `a``b'c`, ?"),
        ("-- the user's orders\nSELECT 'secret'", "SELECT ?"),
        ("SELECT 1 -- it's fine\nFROM t WHERE pw = 'secret'", "SELECT ? \nFROM t WHERE pw = ?"),
        ("SELECT a /* x /* y */, 'secret' # the end", "SELECT a , ?"),
        ("SELECT/**/a --", "SELECT a"),
        ("SELECT /*!50000 a, 'it''s secret', */ 1", "SELECT a, ?, ?"),
        ("SELECT /*+ NO_MERGE(t) */ a", "SELECT a"),
        (b"SELECT a FROM t WHERE x = 'secret'", "SELECT a FROM t WHERE x = ?"),
        (None, ""),
        (42, ""),
    ],
)
def test_literals_are_replaced_and_comments_are_removed(statement: object, shown: str) -> None:
    assert describe_statement(statement, "mesh").text == shown


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT a, 'secret",
        'SELECT a, "secret',
        "SELECT a, `secret",
        "SELECT a, 'x''secret",
        "SELECT a, /*!50000 secret",
        "SELECT a, /*!99999 it's */ 'secret'",  # skipped by the server, or executed up to the quote
        "SELECT a, /*! b -- */ 'secret'",
        "SELECT a, /*!50000 b /* c */ 'secret' */",
        "SELECT a, /*+ it's */ 'secret'",
        "SELECT a, $$it's$$, 'secret'",  # a text since version 9, names and a string before
        "SELECT a, $tag$it's$tag$, 'secret'",
        b"SELECT a, '\xff', 'secret'",
    ],
)
def test_rest_of_an_ambiguous_or_unterminated_statement_is_dropped(statement: object) -> None:
    assert describe_statement(statement, "mesh").text == "SELECT a, ?"


@pytest.mark.parametrize("sql_mode", ["ANSI", "STRICT_ALL_TABLES,ansi_quotes", ("ANSI_QUOTES",)])
def test_double_quotes_enclose_names_with_ansi_quotes(sql_mode: object) -> None:
    described = describe_statement('SELECT "a\\" FROM "or""ders", \'secret\'', "mesh", SqlMode.parse(sql_mode))
    assert described.name == 'SELECT mesh.or"ders'
    assert described.text == 'SELECT "a\\" FROM "or""ders", ?'


def test_backslash_is_no_escape_with_no_backslash_escapes() -> None:
    described = describe_statement("SELECT 'a\\', 'secret'", "mesh", SqlMode.parse("NO_BACKSLASH_ESCAPES"))
    assert described.text == "SELECT ?, ?"


def test_text_of_a_long_statement_is_cut() -> None:
    described = describe_statement("INSERT INTO t VALUES " + "(1), " * 100_000, "mesh")
    assert described.name == "INSERT mesh.t"
    assert 8192 < len(described.text) < 8200


@given(marked_statements())
def test_no_value_and_no_comment_is_exported_property(statement: str) -> None:
    for sent in (statement, statement.encode()):
        described = describe_statement(sent, "mesh")
        assert VALUE_MARK not in described.name + described.text
        assert VALUE_MARK.encode().hex() not in described.text
        assert COMMENT_MARK not in described.name + described.text
        assert described.text.count(NAME_MARK) == statement.count(NAME_MARK)


@given(marked_statements(), st.data())
def test_no_value_of_a_cut_statement_is_exported_property(statement: str, data: st.DataObject) -> None:
    cut = statement[: data.draw(st.integers(0, len(statement)))]
    described = describe_statement(cut, "mesh")
    assert VALUE_MARK not in described.name + described.text, cut
    assert COMMENT_MARK not in described.name + described.text
