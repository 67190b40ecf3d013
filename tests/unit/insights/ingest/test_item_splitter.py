"""The splitter finds the items of any text, in parts of any size, at a cost that is linear in bytes."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.ingest.item_splitter import ItemSplitter

SMALL = 60_000
GROWTH = 8
SHAPES: dict[str, Callable[[int], bytes]] = {
    "strings": lambda size: b"[" + b'"",' * (size // 3),
    "strings in an item": lambda size: b'[{"a":[' + b'"",' * (size // 3),
    "items": lambda size: b"[" + b'{"name":"x","data":{"baseData":{"id":"a","properties":{"k":"v"}}}},' * (size // 67),
    "escapes": lambda size: b'[{"a":"' + b'\\"' * (size // 2),
    "backslashes": lambda size: b'[{"a":"' + b"\\" * size,
    "opening brackets": lambda size: b"[" * size,
    "closing brackets": lambda size: b"[" + b"]" * size,
    "empty arrays": lambda size: b"[" + b"[]" * (size // 2),
    "nested objects": lambda size: b"[" + b'{"a":[1],"b":' * (size // 13),
    "siblings of nested objects": lambda size: b"[" + b'{"a":[[[[[1]]]]],"b":' * (size // 21),
    "commas": lambda size: b"[" + b"," * size,
    "blanks": lambda size: b"[" + b" " * size,
    "arrays and lines": lambda size: b"[]" + b'\n{"a":1}' * (size // 8),
}


def split(text: bytes, cuts: list[int]) -> list[bytes]:
    """Return the items of a text that arrives in parts."""
    splitter = ItemSplitter(text)
    bounds = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    return [item for begin, end in pairwise(bounds) for item in splitter.feed(text[begin:end])] + splitter.end()


def reference(text: bytes) -> list[bytes]:
    """Return the items of an array, with one step per character. Lines after the array may be arrays again."""
    items, depth, in_string, is_escaped, has_closed, has_lines = [b""], 0, False, False, False, False
    for index in range(1, len(text)):
        character = text[index : index + 1]
        if has_lines:
            items += [item for line in text[index:].split(b"\n") for item in line_items(line.strip())]
            break
        if in_string:
            in_string = is_escaped or character != b'"'
            is_escaped = not is_escaped and character == b"\\"
        else:
            in_string = character == b'"'
            if not depth and (character in b",]}" or (character == b"\n" and has_closed)):
                items.append(b"")
                has_closed = has_closed or character in b"]}"
                has_lines = character == b"\n"
                continue
            depth += (character in b"[{") - (character in b"]}")
        items[-1] += character
    return [item.strip() for item in items if item.strip()]


def line_items(line: bytes) -> list[bytes]:
    return (reference(line) if line.startswith(b"[") else []) or [line]


@given(
    st.lists(
        st.sampled_from([b"[", b"]", b"{", b"}", b",", b'"', b"\\", b"\n", b" ", b"a", b'{"a":[1]}']), max_size=40
    ),
    st.lists(st.integers(1, 60), max_size=4),
)
@settings(max_examples=200)
def test_items_equal_those_of_the_reference(characters: list[bytes], cuts: list[int]) -> None:
    text = b"".join([b"[", *characters])

    assert split(text, cuts) == reference(text)


def cpu_s(text: bytes) -> float:
    """Return the least CPU time of three runs."""
    times = []
    for _ in range(3):
        began = time.process_time()
        split(text, [])
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.parametrize("shape", SHAPES)
def test_cost_is_linear_in_bytes(shape: str) -> None:
    """Eight times the bytes cost eight times the time; with quadratic cost it would be 64 times."""
    small, large = (cpu_s(SHAPES[shape](size)) for size in (SMALL, SMALL * GROWTH))

    assert large < 3 * GROWTH * max(small, 0.001)
