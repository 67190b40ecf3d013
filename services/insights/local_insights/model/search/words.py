"""Whole words in texts.

The separators of words are a fixed list of characters instead of a property of the Unicode database. So Python and the
regular expressions of a database agree, even if their versions of Unicode differ.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

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
    ("\u060c", "\u060c"),  # punctuation of Arabic and Devanagari
    ("\u061b", "\u061b"),
    ("\u061f", "\u061f"),
    ("\u06d4", "\u06d4"),
    ("\u0964", "\u0965"),
    ("\u2000", "\u206f"),  # general punctuation
    ("\u2190", "\u2bff"),  # arrows, signs, drawings
    ("\u3000", "\u303f"),  # punctuation of Chinese and Japanese
    ("\uff01", "\uff0f"),
    ("\uff1a", "\uff20"),
    ("\ufe00", "\ufe0f"),  # variation selectors, which follow emoji
    ("\ufff0", "\uffff"),
    ("\U0001f000", "\U0001fbff"),  # emoji
)
"""First and last character of each range. Letters, digits, `_` and all other characters are parts of words."""
_UNSPACED = (
    ("\u0e00", "\u0fff"),  # Thai, Lao, Tibetan
    ("\u1000", "\u109f"),  # Burmese
    ("\u1100", "\u11ff"),  # Korean
    ("\u1780", "\u17ff"),  # Khmer
    ("\u2e80", "\u2fff"),  # Chinese radicals
    ("\u3040", "\ua4cf"),  # Japanese, Chinese, Yi
    ("\ua960", "\ua97f"),  # Korean
    ("\ua9e0", "\ua9ff"),  # Burmese
    ("\uaa60", "\uaa7f"),  # Burmese
    ("\uac00", "\ud7ff"),  # Korean
    ("\uf900", "\ufaff"),  # Chinese
    ("\uff66", "\uffdc"),  # Japanese and Korean, half width
    ("\U0001aff0", "\U0001b2ff"),  # Japanese
    ("\U00020000", "\U0003ffff"),  # Chinese
)
"""First and last character of each range of scripts that write words without spaces, or add particles to them. There is
a boundary of words on both sides of every such character, so that any part of a text is found."""
WHITE_SPACE = " \t\r\n"
"""Characters between the words of a phrase, in any number."""

_DOTTED_I = "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"


def boundary_class(without: str = "") -> str:
    """Return the characters next to which a word may begin or end, except those in `without`.

    They are separators and unspaced scripts, as the content of a character class of a regular expression.

    Raises:
        KeyError: a character of `without` is not a range of its own.
    """
    excluded = {(character, character) for character in without}
    if not excluded <= set(_SEPARATORS):
        raise KeyError(without)
    ranges = sorted({*_SEPARATORS, *_UNSPACED} - excluded)
    return "".join(f"{_escaped(first)}-{_escaped(last)}" for first, last in ranges)


def is_boundary(character: str) -> bool:
    """Return True if a word may begin and end next to a character: it separates words, or its script has no spaces."""
    return any(first <= character <= last for first, last in (*_SEPARATORS, *_UNSPACED))


def fold(text: str) -> str:
    """Return the text in lower case, character by character. Its length and all positions stay the same."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def _lower(character: str) -> str:
    """Return the lower case of a character. `İ`, the only one that would become two, loses its dot, as in DuckDB."""
    return "i" if character == _DOTTED_I else character.lower()


def _escaped(character: str) -> str:
    """Escape a character for the regular expressions of both Python and RE2."""
    return f"\\x{ord(character):02x}" if character < "\x80" else character


@dataclass(frozen=True, slots=True)
class Term:
    """A sequence of whole words.

    `words` are folded and contain no white space. A word may contain separators (`/values`, `db.rows`). It matches
    literally, but never in the middle of a longer word, except in scripts without spaces.
    """

    words: tuple[str, ...]

    @property
    def is_left_bounded(self) -> bool:
        """True if the term begins with a part of a word, so that a boundary must precede it."""
        return not is_boundary(self.words[0][0])

    @property
    def is_right_bounded(self) -> bool:
        """True if the term ends with a part of a word, so that a boundary must follow it."""
        return not is_boundary(self.words[-1][-1])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the start and end of every occurrence of the term in a text, in order."""
        folded = fold(text)
        if self.words[0] not in folded:
            return []
        return [match.span() for match in _pattern(self).finditer(folded)]


@lru_cache(maxsize=256)
def _pattern(term: Term) -> re.Pattern[str]:
    """Return the regular expression of a term. Building one takes longer than scanning a text."""
    inside = f"[^{boundary_class()}]"
    left = f"(?<!{inside})" if term.is_left_bounded else ""
    right = f"(?!{inside})" if term.is_right_bounded else ""
    return re.compile(left + f"[{WHITE_SPACE}]+".join(map(re.escape, term.words)) + right)
