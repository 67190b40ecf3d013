"""JSON without characters that change the output of a terminal."""

import json
import unicodedata
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.backup.envelopes import envelope_line
from local_insights.http.json_text import escape_unprintable, json_bytes
from local_insights.http.problems import problem
from support.items import item


@given(st.recursive(st.text(st.characters()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_text_is_preserved_without_unprintable_characters(content: object) -> None:
    text = json_bytes(content).decode()
    assert json.loads(text) == content
    assert not [character for character in text if unicodedata.category(character) in {"Cc", "Cs"}]


@pytest.mark.parametrize("character", ["\x7f", "\x85", "\x9b", "\u202e", "\u2066", "\u200f", "\u2028", "\ufeff"])
def test_unprintable_character_is_escaped(character: str) -> None:
    assert escape_unprintable(f'"a{character}b"') == f'"a\\u{ord(character):04x}b"'
    assert character not in bytes(problem(HTTPStatus.BAD_REQUEST, character).body).decode()
    assert character not in envelope_line(item(name=character, properties_json=f'{{"k":"{character}"}}')).decode()


def test_printable_text_is_unchanged() -> None:
    assert json_bytes({"k": "é 語 🚀"}) == '{"k":"é 語 🚀"}'.encode()
