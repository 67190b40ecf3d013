"""The texts of an item that a search looks into."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from local_insights.model.item import Item


class Text(NamedTuple):
    """One text, and what it is: the name of a field or of a custom property."""

    name: str
    text: str


def searched_texts(item: Item) -> Iterator[Text]:
    """All texts but the operation id, which is found as a whole only; the telling ones first, none of them empty.

    Of exceptions and custom properties the values that are texts are looked into, not their names.
    """
    plain = (
        Text("name", item.name),
        Text("message", item.message),
        Text("command" if item.dependency_type else "url", item.data),
        Text("target", item.target),
        Text("result code", item.result_code),
        Text("problem id", item.problem_id),
    )
    yield from (text for text in plain if text.text)
    for json_text in (item.exceptions_json, item.properties_json):
        if json_text:
            yield from (text for text in _members(json.loads(json_text)) if text.text)


def _members(value: Any) -> Iterator[Text]:  # noqa: ANN401 - whatever JSON can say
    """The texts that are values of members, however deep."""
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str):
                yield Text(name, member)
            else:
                yield from _members(member)
    elif isinstance(value, list):
        for entry in value:
            yield from _members(entry)
