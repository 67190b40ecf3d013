import unicodedata

import pytest
from hypothesis import given

from local_insights.model.search.words import Term, boundary_class, fold, is_boundary
from support.search_reference import FRAGMENTS, contains, is_word_part, phrases, term, texts


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["error"], "an error"),
        (["error"], "Error: 5"),
        (["error"], "(error)"),
        (["error"], "“error”"),
        (["/values"], "GET /values HTTP"),
        (["/values"], "http://host/values"),
        (["127.0.0.1:3306"], "127.0.0.1:3306 | mesh"),
        (["db.rows"], "the db.rows"),
        (["no", "space", "left"], "no  space\r\n\tleft"),
        (["grüße"], "GRÜSSE GRÜßE"),
        (["item_count"], "item_count"),
        (["失败"], "连接、失败。"),
        (["订单"], "订单创建失败。用户编号12345"),
        (["创建失败"], "订单创建失败。用户编号12345"),
        (["12345"], "订单创建失败。用户编号12345"),
        (["注文"], "注文の作成に失敗しました"),
        (["失敗"], "注文の作成に失敗しました"),
        (["주문"], "주문이 실패했습니다"),
        (["คำสั่งซื้อ"], "สร้างคำสั่งซื้อไม่สำเร็จ"),
        (["タイムアウト"], "DBタイムアウト発生"),
        (["db"], "DBタイムアウト発生"),
        (["🚀"], "deployed 🚀 to prod"),
        (["🚀"], "deployed🚀\ufe0fto"),
        (["->"], "a->b"),
    ],
)
def test_whole_words_match_in_any_case(words: list[str], text: str) -> None:
    assert Term(tuple(words)).spans(text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["error"], "errors"),
        (["error"], "terror"),
        (["error"], "error_code"),
        (["rows"], "arrows"),
        (["/value"], "/values"),
        (["127.0.0.1"], "127.0.0.11"),
        (["no", "space"], "nospace"),
        (["no", "space"], "no, space"),
        (["o"], "ö"),
        (["é"], "éa"),
    ],
)
def test_parts_of_words_do_not_match(words: list[str], text: str) -> None:
    assert not Term(tuple(words)).spans(text)


def test_spans_are_positions_in_the_original_text() -> None:
    text = "İstanbul: ERROR, error"
    assert [text[start:end] for start, end in Term(("error",)).spans(text)] == ["ERROR", "error"]


@given(phrases, texts)
def test_terms_match_like_the_reference(phrase: str, text: str) -> None:
    words = term(phrase)
    assert bool(words.spans(text)) == contains(words.words, text)


@given(texts)
def test_fold_preserves_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_letters_of_scripts_with_spaces_are_no_boundaries() -> None:
    scripts = (range(0x80), range(0xA0, 0x530), range(0x590, 0x700), range(0x900, 0xE00))
    for code in (code for script in scripts for code in script):
        if unicodedata.category(chr(code))[0] in "LM":
            assert not is_boundary(chr(code)), hex(code)


def test_characters_of_scripts_without_spaces_are_boundaries() -> None:
    scripts = ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "HANGUL SYL", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
    for code in range(0xE00, 0x30000):
        character = chr(code)
        if unicodedata.category(character)[0] == "L" and unicodedata.name(character, "").startswith(scripts):
            assert is_boundary(character), hex(code)


def test_separators_and_reference_agree_on_the_characters_of_random_texts() -> None:
    characters = set("".join(FRAGMENTS))
    assert {character for character in characters if is_word_part(character)} == {
        character for character in characters if not is_boundary(character)
    }


def test_separators_can_be_excluded_from_the_class() -> None:
    assert "\\x22" in boundary_class()
    assert "\\x22" not in boundary_class(without='"')
    with pytest.raises(KeyError):
        boundary_class(without="a")
