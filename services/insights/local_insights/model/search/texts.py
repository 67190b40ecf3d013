"""The searched texts of an item."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from local_insights.model.context_tags import tag_label
from local_insights.model.item import Item


class Text(NamedTuple):
    """A text, with the name of its field or custom property."""

    name: str
    text: str


def searched_texts(item: Item) -> Iterator[Text]:
    """Yield the searched texts that are not empty, the most specific first.

    Exceptions, custom properties, context tags (user, session, application version, client IP) and the fields of one
    item type are searched in their text values, not in the names. The operation id is not included: it matches as a
    whole only.
    """
    plain = (
        Text("name", item.name),
        Text("message", item.message),
        Text("command" if item.dependency_type else "url", item.data),
        Text("target", item.target),
        Text("result code", item.result_code),
        Text("problem id", item.problem_id),
        Text("role instance", item.role_instance),
    )
    yield from (text for text in plain if text.text)
    for json_text in (item.exceptions_json, item.properties_json, item.tags_json, item.details_json):
        if json_text:
            yield from (Text(tag_label(name), text) for name, text in _members(json.loads(json_text)) if text)


def _members(value: Any) -> Iterator[Text]:  # noqa: ANN401 - any JSON value
    """Yield all text values of members, at any depth."""
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str):
                yield Text(name, member)
            else:
                yield from _members(member)
    elif isinstance(value, list):
        for entry in value:
            yield from _members(entry)
