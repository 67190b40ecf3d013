"""Whole words in texts: where one ends and the next begins.

What separates words is a list, not a property of the Unicode database: the list means the same to Python and to the
regular expressions of a database, whichever version of Unicode each of them knows.
"""

import re
from dataclasses import dataclass

_SEPARATORS = (
    ("\x00", "!"),
    ('"', '"'),
    ("#", "/"),
    (":", "@"),
    ("[", "["),
    ("\\", "\\"),
    ("]", "^"),
    ("`", "`"),
    ("{", "\xa9"),
    ("\xab", "\xb4"),
    ("\xb6", "\xb9"),
    ("\xbb", "\xbf"),
    ("\xd7", "\xd7"),
    ("\xf7", "\xf7"),
    ("\u060c", "\u060c"),  # the commas, semicolons, question marks and full stops of Arabic and Devanagari
    ("\u061b", "\u061b"),
    ("\u061f", "\u061f"),
    ("\u06d4", "\u06d4"),
    ("\u0964", "\u0965"),
    ("\u2000", "\u206f"),  # general punctuation
    ("\u2190", "\u2bff"),  # arrows, signs, drawings
    ("\u3000", "\u303f"),  # punctuation of Chinese and Japanese
    ("\uff01", "\uff0f"),
    ("\uff1a", "\uff20"),
    ("\ufff0", "\uffff"),
    ("\U0001f000", "\U0001faff"),  # emoji
)
"""First and last character of each stretch; letters, digits, `_` and everything else are parts of words."""
WHITE_SPACE = " \t\r\n"
"""What may stand between the words of a phrase, any number of them."""

_DOTTED_I = "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"


def separator_class(without: str = "") -> str:
    """The separators as the inside of a character class of a regular expression, those in `without` left out.

    Raises:
        KeyError: a character of `without` is not a stretch of its own.
    """
    left_out = {(character, character) for character in without}
    if not left_out <= set(_SEPARATORS):
        raise KeyError(without)
    return "".join(
        f"{_escaped(first)}-{_escaped(last)}" for first, last in _SEPARATORS if (first, last) not in left_out
    )


def is_separator(character: str) -> bool:
    """Whether a character stands between words."""
    return any(first <= character <= last for first, last in _SEPARATORS)


def fold(text: str) -> str:
    """The text in lower case, character by character: as long as it was, so that places in it stay the same."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def _lower(character: str) -> str:
    """The only character whose lower case is two characters loses its dot, as it does in databases."""
    return "i" if character == _DOTTED_I else character.lower()


def _escaped(character: str) -> str:
    """A character as Python's expressions and RE2's both read it."""
    return f"\\x{ord(character):02x}" if character < "\x80" else character


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand in a row, each of them whole.

    `words` are folded and free of white space. A "word" may contain separators (`/values`, `db.rows`): it is found as
    it is, but never in the middle of a longer word.
    """

    words: tuple[str, ...]

    @property
    def is_left_bounded(self) -> bool:
        """Whether it begins with a part of a word, before which a word must not go on."""
        return not is_separator(self.words[0][0])

    @property
    def is_right_bounded(self) -> bool:
        """Whether it ends with a part of a word, after which the word must not go on."""
        return not is_separator(self.words[-1][-1])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Beginning and end of every place in a text where the term stands, in order."""
        inside = f"[^{separator_class()}]"
        left = f"(?<!{inside})" if self.is_left_bounded else ""
        right = f"(?!{inside})" if self.is_right_bounded else ""
        between = f"[{WHITE_SPACE}]+"
        pattern = left + between.join(map(re.escape, self.words)) + right
        return [match.span() for match in re.finditer(pattern, fold(text))]
