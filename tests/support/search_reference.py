"""Reference implementation of search: item by item, character by character, without regular expressions.

It is independent of both engines. Parts of words are defined by Python's `isalnum` and the names of characters, which
agree with the list of separators for the characters of the random texts. The module also has the strategies for random
items and searches.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from local_insights.model.item import Item, ItemType
from local_insights.model.search.query import And, Not, Or, Query
from local_insights.model.search.search import Facet, Filters, Search
from local_insights.model.search.words import Term
from local_insights.model.time_range import TimeRange
from support.items import EMPTY_ITEM, NOON_US

FRAGMENTS = (
    *("a", "b", "A", "ab", "nb", "u0009", "é", "É", "İ", "i", "ß", "Ж", "ж", "語", "の", "ค", "주", "_", "1", "٣"),
    *(" ", "  ", "\n", "\t", "\r\n", "\x07", "\x1f", "\xa0", "\u2028"),
    *("-", "/", ".", ":", "%", "\\", "\\n", '"', '":"', "'", "(", ")", "[", "{", "$", "^", "*", "+", "?", "|"),
    *("—", "“", "…", "😀", "\ufffd"),
)
SEARCHABLE = tuple(fragment for fragment in FRAGMENTS if '"' not in fragment and fragment not in {"\x07", "\x1f"})
NAMES = ("GET /a", "GET /b", "")

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=7).map("".join)
phrases = st.lists(st.sampled_from(SEARCHABLE), min_size=1, max_size=4).map("".join).filter(str.split)


def is_word_part(character: str) -> bool:
    """Return True for a character next to which no word begins or ends."""
    is_unspaced = unicodedata.name(character, "").startswith(("CJK", "HIRAGANA", "HANGUL", "THAI"))
    return character == "_" or (character.isalnum() and not is_unspaced)


def term(phrase: str) -> Term:
    """Return the expected term of a phrase."""
    return Term(tuple(lower(phrase).split()))


def lower(text: str) -> str:
    return "".join("i" if character == "İ" else character.lower() for character in text)


queries = st.recursive(
    phrases.map(term),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(And),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or),
    ),
    max_leaves=4,
)


def format_query(query: Query) -> str:
    """Format a query with all parentheses."""
    match query:
        case Term(words):
            return '"' + " ".join(words) + '"'
        case Not(operand):
            return f"NOT {format_query(operand)}"
        case And(operands):
            return "(" + " ".join(map(format_query, operands)) + ")"
        case Or(operands):
            return "(" + " OR ".join(map(format_query, operands)) + ")"


def contains(words: Sequence[str], text: str) -> bool:
    """Return True if a text contains the whole words, with white space between them."""
    text = lower(text)
    return any(_contains_at(words, text, start) for start in range(len(text)))


def _contains_at(words: Sequence[str], text: str, start: int) -> bool:
    if start and is_word_part(words[0][0]) and is_word_part(text[start - 1]):
        return False
    position = start
    for number, word in enumerate(words):
        if number:
            after_space = position
            while after_space < len(text) and text[after_space] in " \t\r\n":
                after_space += 1
            if after_space == position:
                return False
            position = after_space
        if text[position : position + len(word)] != word:
            return False
        position += len(word)
    return not (position < len(text) and is_word_part(words[-1][-1]) and is_word_part(text[position]))


def found_by(query: Query, item: Item) -> bool:
    """Return True if a query matches an item."""
    match query:
        case Term(words):
            exceptions = json.loads(item.exceptions_json or "[]")
            properties = json.loads(item.properties_json or "{}")
            all_texts = [item.name, item.message, item.data, item.target, item.result_code, item.problem_id]
            all_texts += [text for error in exceptions for text in (error["typeName"], error["message"])]
            all_texts += properties.values()
            all_texts += [item.role_instance, *json.loads(item.tags_json or "{}").values()]
            all_texts += json.loads(item.details_json or "{}").values()
            return item.operation_id == " ".join(words) or any(contains(words, text) for text in all_texts)
        case Not(operand):
            return not found_by(operand, item)
        case And(operands):
            return all(found_by(operand, item) for operand in operands)
        case Or(operands):
            return any(found_by(operand, item) for operand in operands)


def found(items: Iterable[Item], search: Search, without: Facet | None = None) -> list[Item]:
    """Return the items that match a search, optionally without the filter of one facet."""
    within = search.time_range
    return [
        item
        for item in items
        if within.start_us <= item.time_us < within.end_us
        and all(value_of(item, facet) in values for facet, values in search.filters.items() if facet != without)
        and (search.query is None or found_by(search.query, item))
    ]


def value_of(item: Item, facet: Facet) -> str:
    success = {None: "", True: "true", False: "false"}
    severity = "" if item.severity is None else f"{item.severity}"
    values = (item.item_type, item.role, item.operation_name, item.result_code, success[item.success], severity)
    return dict(zip(Facet, values, strict=True))[facet]


def facet_counts(items: Iterable[Item], search: Search, facet: Facet) -> dict[str, int]:
    """Count the events by value of a facet, without the filter of that facet."""
    counts: Counter[str] = Counter()
    for item in found(items, search, without=facet):
        counts[value_of(item, facet)] += item.item_count
    return {value: events for value, events in counts.items() if value}


def step_counts(items: Iterable[Item], search: Search, steps: int) -> list[int]:
    """Count the events by step of the range."""
    counts = [0] * steps
    length_us = search.time_range.end_us - search.time_range.start_us
    for item in found(items, search):
        counts[(item.time_us - search.time_range.start_us) * steps // length_us] += item.item_count
    return counts


def compact(value: object) -> str:
    """Format JSON like ingest does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


items = st.builds(
    EMPTY_ITEM._replace,
    time_us=st.integers(NOON_US - 5, NOON_US + 35),
    item_type=st.sampled_from([ItemType.REQUEST, ItemType.TRACE, ItemType.EXCEPTION]),
    item_count=st.integers(1, 5),
    role=st.sampled_from(["frontend", "echo"]),
    operation_id=st.sampled_from(["", "ab", "0af7651916cd43dd8448eb211c80319c"]),
    operation_name=st.sampled_from(NAMES),
    success=st.sampled_from([None, True, False]),
    result_code=st.sampled_from(["", "200", "500"]),
    severity=st.sampled_from([None, 1, 4]),
    name=texts,
    message=texts,
    data=texts,
    target=texts,
    problem_id=texts,
    role_instance=texts,
    tags_json=st.one_of(st.just(""), st.builds(lambda text: compact({"ai.user.id": text}), texts)),
    details_json=st.one_of(st.just(""), st.builds(lambda text: compact({"runLocation": text}), texts)),
    exceptions_json=st.one_of(
        st.just(""), st.builds(lambda name, text: compact([{"id": 1, "typeName": name, "message": text}]), texts, texts)
    ),
    properties_json=st.one_of(st.just(""), st.dictionaries(texts, texts, min_size=1, max_size=2).map(compact)),
)

_VALUES: dict[Facet, list[str]] = {
    Facet.TYPE: [ItemType.REQUEST, ItemType.TRACE],
    Facet.ROLE: ["frontend", "unknown"],
    Facet.OPERATION: list(NAMES),
    Facet.RESULT: ["200", ""],
    Facet.SUCCESS: ["true", "false", ""],
    Facet.SEVERITY: ["1", "4", ""],
}
filters: st.SearchStrategy[Filters] = st.fixed_dictionaries(
    {}, optional={facet: st.frozensets(st.sampled_from(values), min_size=1) for facet, values in _VALUES.items()}
)
searches = st.builds(
    Search,
    time_range=st.just(TimeRange(NOON_US, NOON_US + 30)),
    query=st.none() | queries,
    filters=filters,
)
