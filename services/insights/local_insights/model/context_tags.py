"""The names of context tags for people. The wire names are those of Application Insights (`ai.user.id`)."""

TAG_LABELS = {
    "ai.application.ver": "Application version",
    "ai.cloud.location": "Cloud location",
    "ai.device.id": "Device ID",
    "ai.device.locale": "Device locale",
    "ai.device.model": "Device model",
    "ai.device.oemName": "Device manufacturer",
    "ai.device.osVersion": "Operating system",
    "ai.device.type": "Device type",
    "ai.internal.agentVersion": "Agent version",
    "ai.internal.nodeName": "Node name",
    "ai.location.city": "Client city",
    "ai.location.country": "Client country",
    "ai.location.ip": "Client IP",
    "ai.location.province": "Client province",
    "ai.operation.correlationVector": "Correlation vector",
    "ai.operation.syntheticSource": "Synthetic source",
    "ai.session.id": "Session ID",
    "ai.session.isFirst": "First session",
    "ai.user.accountId": "Account ID",
    "ai.user.authUserId": "Authenticated user ID",
    "ai.user.id": "User ID",
    "ai.user.userAgent": "User agent",
}
"""Labels by wire name. Other tags are shown with their wire name."""


def tag_label(name: str) -> str:
    """Return the label of a tag, or its wire name."""
    return TAG_LABELS.get(name, name)
