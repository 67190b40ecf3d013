"""How severe a log line or an exception is."""

SEVERITIES = ("Verbose", "Information", "Warning", "Error", "Critical")
"""Names of `Item.severity`, 0 to 4."""


def severity_words(severity: int | None) -> str:
    """The name of a severity; nothing for none, the number itself for one that has no name."""
    if severity is None:
        return ""
    return SEVERITIES[severity] if 0 <= severity < len(SEVERITIES) else str(severity)
