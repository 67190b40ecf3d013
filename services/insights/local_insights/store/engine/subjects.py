"""Subjects of questions as conditions of SQL."""

from local_insights.store.contract import Subject

_SERVED = {
    "role": "item_type = 'request' AND role = $subject_name",
    "dependency": "item_type = 'dependency' AND target = $subject_name AND dependency_type = $subject_dependency_type",
    "browser": "item_type = 'pageView' AND role = $subject_name",
    "availability": "item_type = 'availabilityResult' AND name = $subject_name",
}
_CALLED_OR_SERVED = "item_type IN ('request', 'dependency')"


def served_by(subject: Subject) -> str:
    """The items that a subject is looked at through."""
    return _SERVED[subject.kind]


def took_part(subject: Subject | None, *, failed_only: bool) -> str:
    """Items that make an operation one of the subject's; when it has to have failed, those that can fail."""
    if subject is None:
        return _CALLED_OR_SERVED if failed_only else "1 = 1"
    if subject.kind in ("role", "browser") and not failed_only:
        return "role = $subject_name"
    return served_by(subject)


def named(subject: Subject | None) -> dict[str, object]:
    """Parameters that these conditions name; DuckDB wants none too many, and only a dependency has a type."""
    if subject is None:
        return {}
    names: dict[str, object] = {"subject_name": subject.name}
    return names | ({"subject_dependency_type": subject.dependency_type} if subject.kind == "dependency" else {})
