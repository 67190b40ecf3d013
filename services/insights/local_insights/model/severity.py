"""Severity of log lines and exceptions, and the definition of a failure."""

from local_insights.model.item import ItemType

SEVERITIES = ("Verbose", "Information", "Warning", "Error", "Critical")
"""Names of `Item.severity`, 0 to 4."""
ERROR = SEVERITIES.index("Error")


def severity_label(severity: int | None) -> str:
    """Return the name of a severity: `""` for None, the number as text for an unknown severity."""
    if severity is None:
        return ""
    return SEVERITIES[severity] if 0 <= severity < len(SEVERITIES) else str(severity)


def is_failure(item_type: str, *, success: bool | None, severity: int | None) -> bool:
    """Return True if an item failed or reports a failure: an exception, or a log line of severity error or critical."""
    if success is not None:
        return not success
    return item_type == ItemType.EXCEPTION or (severity or 0) >= ERROR
