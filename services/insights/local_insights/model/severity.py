"""How severe a log line or an exception is, and what counts as a failure."""

from local_insights.model.item import ItemType

SEVERITIES = ("Verbose", "Information", "Warning", "Error", "Critical")
"""Names of `Item.severity`, 0 to 4."""
ERROR = SEVERITIES.index("Error")


def severity_label(severity: int | None) -> str:
    """The name of a severity; nothing for none, the number itself for one that has no name."""
    if severity is None:
        return ""
    return SEVERITIES[severity] if 0 <= severity < len(SEVERITIES) else str(severity)


def is_failure(item_type: str, *, success: bool | None, severity: int | None) -> bool:
    """Whether an item failed, or reports that something did: an exception, or a log of severity error or critical."""
    if success is not None:
        return not success
    return item_type == ItemType.EXCEPTION or (severity or 0) >= ERROR
