"""Icons of nodes: strokes without fill in a box of 24 by 24."""

from typing import Literal

from local_insights.model.map_elements import Node

Icon = Literal["client", "role", "browser", "availability", "database", "cache", "queue", "files", "web", "other"]

_PATHS: dict[Icon, str] = {
    "client": "M3 5h18v11H3z M9 20h6 M12 16v4",
    "role": "M12 3l8 4.5v9L12 21l-8-4.5v-9z M4 7.5l8 4.5 8-4.5 M12 12v9",
    "browser": "M3 4h18v16H3z M3 8.5h18 M6 6.3h.01 M9 6.3h.01",
    "availability": "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0z M8 12.2l2.8 2.8 5.2-5.6",
    "database": "M5 6c0-3.3 14-3.3 14 0v12c0 3.3-14 3.3-14 0z M5 6c0 3.3 14 3.3 14 0 M5 12c0 3.3 14 3.3 14 0",
    "cache": "M13 3L5 13.5h6L10 21l8.5-11h-6z",
    "queue": "M4 6h4v12H4z M10 6h4v12h-4z M16 6h4v12h-4z",
    "files": "M3 8h18v9H3z M6.5 12.5h.01 M11 12.5h7",
    "web": "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0z M3 12h18 M12 3c5 5 5 13 0 18c-5-5-5-13 0-18z",
    "other": "M12 3l9 9-9 9-9-9z",
}

_KEYWORDS: tuple[tuple[Icon, tuple[str, ...]], ...] = (
    ("cache", ("redis", "memcache", "cache")),
    (
        "queue",
        ("queue", "kafka", "rabbit", "amqp", "event hub", "service bus", "servicebus", "eventhub", "sqs", "nats"),
    ),
    ("files", ("blob", "azure table", "s3", "file")),
    ("database", ("sql", "mongo", "postgres", "maria", "oracle", "cosmos", "documentdb", "cassandra", "elastic", "db")),
    ("web", ("http", "ajax", "fetch", "grpc", "wcf", "web service")),
)
"""Keywords in dependency types, as sent by SDKs. The first match is used: `azure queue` matches before `db`."""


def icon(node: Node) -> Icon:
    """Return the icon of a node, chosen by its kind and, for dependencies, by keywords in the type."""
    if node.kind != "dependency" and node.kind != "group":  # noqa: PLR1714 - mypy narrows the type only in this form
        return node.kind
    kind = (node.type or "").casefold()
    return next((name for name, keywords in _KEYWORDS if any(keyword in kind for keyword in keywords)), "other")


def icon_path(name: Icon) -> str:
    """Return the SVG path data of an icon."""
    return _PATHS[name]
