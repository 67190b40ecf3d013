"""Selections as conditions of SQL.

The text of a condition depends on which facts are given, never on what they are: values travel as parameters.
"""

from dataclasses import fields

from local_insights.model.selection import Selection

_COMPARISONS = {"shortest_us": "duration_us >= {}", "longest_us": "duration_us < {}"}
FAILED = "COALESCE(NOT success, item_type = 'exception')"
"""The condition that an item failed: exceptions have no outcome, and neither have page views, which do not fail."""


def condition(selection: Selection) -> str:
    """The condition that an item belongs to a selection."""
    given = [_COMPARISONS.get(name, f"{name} = {{}}").format(f"$selected_{name}") for name in _given(selection)]
    return " AND ".join((*given, FAILED) if selection.failed_only else given)


def parameters(selection: Selection) -> dict[str, object]:
    """The values that `condition` names."""
    return {f"selected_{name}": value for name, value in _given(selection).items()}


def _given(selection: Selection) -> dict[str, object]:
    """The facts that an item is compared with."""
    facts = {field.name: getattr(selection, field.name) for field in fields(selection) if field.name != "failed_only"}
    return {name: value for name, value in facts.items() if value is not None}
