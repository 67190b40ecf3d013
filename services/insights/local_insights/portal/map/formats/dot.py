"""The map in DOT, the language of Graphviz."""

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import DEFAULT_THRESHOLDS, Level, Thresholds, level
from local_insights.portal.map.icons import icon
from local_insights.portal.map.labels import edge_figures, node_figures, node_title, plain

_SHAPES = {
    "client": "oval",
    "browser": "oval",
    "role": "box",
    "database": "cylinder",
    "cache": "cylinder",
    "queue": "cds",
}
_COLOURS = {Level.OK: "#768190", Level.WARNING: "#8f5400", Level.ERROR: "#c0212a"}


def map_dot(shown: ApplicationMap, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> str:
    """Write a map as a directed graph from left to right; names are quoted strings, never markup."""
    lines = [
        "digraph application_map {",
        "  rankdir=LR;",
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    for node in shown.nodes:
        health = Level.OK if node.kind == "client" else level(node.failed_percent, thresholds)
        label = f"{_escaped(node_title(node))}\\n{_escaped(node_figures(node))}"
        shape = _SHAPES.get(icon(node), "ellipse")
        lines.append(f'  {_quoted(node.id)} [label="{label}", shape={shape}, color="{_COLOURS[health]}"];')
    for edge in shown.edges:
        colour = _COLOURS[level(edge.failed_percent, thresholds)]
        lines.append(
            f"  {_quoted(edge.source)} -> {_quoted(edge.target)} "
            f'[label="{_escaped(edge_figures(edge))}", color="{colour}"];'
        )
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Text inside a quoted string; backslashes are doubled, for Graphviz reads escapes of its own in labels."""
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')
