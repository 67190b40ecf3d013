"""Selections as conditions of SQL.

The text of a condition depends on which facts are given, never on what they are: values travel as parameters.
"""

from dataclasses import fields

from local_insights.store.contract import Selection

_COMPARISONS = {"shortest_us": "duration_us >= {}", "longest_us": "duration_us < {}"}
_FAILED = "NOT COALESCE(success, FALSE)"


def condition(selection: Selection, prefix: str) -> str:
    """The condition that an item belongs to a selection; its parameters are named with `prefix`."""
    given = [
        _COMPARISONS.get(name, f"{name} = {{}}").format(f"${prefix}_{name}")
        for name in _given(selection)
        if name != "failed_only"
    ]
    return " AND ".join((*given, _FAILED) if selection.failed_only else given)


def parameters(selection: Selection, prefix: str) -> dict[str, object]:
    """The values that `condition` names."""
    return {f"{prefix}_{name}": value for name, value in _given(selection).items() if name != "failed_only"}


def _given(selection: Selection) -> dict[str, object]:
    """The facts of a selection that narrow it."""
    facts = {field.name: getattr(selection, field.name) for field in fields(selection)}
    return {name: value for name, value in facts.items() if value is not None}
