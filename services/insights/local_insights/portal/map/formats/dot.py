"""The map in DOT, the graph language of Graphviz."""

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import Level, level
from local_insights.model.time_limit import limited
from local_insights.portal.formats import single_line
from local_insights.portal.map.icons import icon
from local_insights.portal.map.labels import edge_summary, node_summary, node_title

_SHAPES = {
    "client": "oval",
    "browser": "oval",
    "role": "box",
    "database": "cylinder",
    "cache": "cylinder",
    "queue": "cds",
}
_COLOURS = {Level.OK: "#768190", Level.WARNING: "#8f5400", Level.ERROR: "#c0212a"}


def map_dot(app_map: ApplicationMap) -> str:
    """Return the map as a directed graph from left to right. Names are quoted strings, never markup."""
    lines = [
        "digraph application_map {",
        "  rankdir=LR;",
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    for node in limited(app_map.nodes):
        health = Level.OK if node.kind == "client" else level(node.failed_percent)
        label = f"{_escaped(node_title(node))}\\n{_escaped(node_summary(node))}"
        shape = _SHAPES.get(icon(node), "ellipse")
        lines.append(f'  {_quoted(node.id)} [label="{label}", shape={shape}, color="{_COLOURS[health]}"];')
    for edge in limited(app_map.edges):
        colour = _COLOURS[level(edge.failed_percent)]
        lines.append(
            f"  {_quoted(edge.source)} -> {_quoted(edge.target)} "
            f'[label="{_escaped(edge_summary(edge))}", color="{colour}"];'
        )
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Escape a text for a quoted string. Backslashes are doubled, because Graphviz has escape sequences in labels."""
    return single_line(text).replace("\\", "\\\\").replace('"', '\\"')
