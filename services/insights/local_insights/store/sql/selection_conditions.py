"""SQL conditions of selections.

The text of a condition depends on which fields are set, never on their values: values are passed as parameters.
"""

from dataclasses import fields

from local_insights.model.selection import Selection

_COMPARISONS = {"shortest_us": "duration_us >= {}", "longest_us": "duration_us < {}"}
FAILED = "COALESCE(NOT success, item_type = 'exception')"
"""The condition that an item failed. Items without an outcome have not failed, except exceptions."""


def condition(selection: Selection) -> str:
    """Return the condition that an item belongs to a selection."""
    comparisons = [
        _COMPARISONS.get(name, f"{name} = {{}}").format(f"$selected_{name}") for name in _compared(selection)
    ]
    return " AND ".join((*comparisons, FAILED) if selection.failed_only else comparisons)


def parameters(selection: Selection) -> dict[str, object]:
    """Return the parameters of `condition`."""
    return {f"selected_{name}": value for name, value in _compared(selection).items()}


def _compared(selection: Selection) -> dict[str, object]:
    """Return the fields that an item is compared with."""
    values = {field.name: getattr(selection, field.name) for field in fields(selection) if field.name != "failed_only"}
    return {name: value for name, value in values.items() if value is not None}
