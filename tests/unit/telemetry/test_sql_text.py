import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry._internal.sql_text import statement_name, without_literals


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("INSERT INTO submitted_values (value) VALUES (%s)", "INSERT mesh.submitted_values"),
        ("select id from `submitted values` order by id", "SELECT mesh.submitted values"),
        ("SELECT * FROM other.things", "SELECT other.things"),
        ("UPDATE things SET a = %s", "UPDATE mesh.things"),
        ("DELETE FROM things", "DELETE mesh.things"),
        ("CREATE TABLE IF NOT EXISTS things (id INT)", "CREATE mesh.things"),
        ("/* from the report */ SELECT 1", "SELECT mesh"),
        ("SELECT 'drawn FROM life' FROM things", "SELECT mesh.things"),
        ("", "? mesh"),
    ],
)
def test_name_consists_of_verb_and_table(statement: str, name: str) -> None:
    assert statement_name(statement, "mesh") == name


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("a = 'x' AND b = \"y\" AND c = 1.5 AND d = 0xff", "a = ? AND b = ? AND c = ? AND d = ?"),
        ("a = 'it''s \\' it' AND b = %s", "a = ? AND b = %s"),
        ("SELECT t1.a2 FROM t1 WHERE t1.id = %(id)s LIMIT 10", "SELECT t1.a2 FROM t1 WHERE t1.id = %(id)s LIMIT ?"),
    ],
)
def test_literals_are_replaced_by_placeholders(statement: str, shown: str) -> None:
    assert without_literals(statement) == shown


@given(st.text(alphabet=st.characters(exclude_characters="'\\"), min_size=1))
def test_quoted_values_are_removed_property(value: str) -> None:
    assert without_literals(f"SELECT '{value}'") == "SELECT ?"
