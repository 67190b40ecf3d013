"""The map as a Mermaid flowchart: text that GitHub, GitLab and many wikis render."""

from local_insights.model.application_map import ApplicationMap, Node
from local_insights.model.health import DEFAULT_THRESHOLDS, Level, Thresholds, level
from local_insights.portal.map.icons import icon
from local_insights.portal.map.labels import edge_figures, node_title

_PLAIN = frozenset(" .-_/:,·")
_SHAPES = {
    "client": ("([", "])"),
    "browser": ("([", "])"),
    "database": ("[(", ")]"),
    "cache": ("[(", ")]"),
    "queue": ("[/", "/]"),
}
_COLOURS = {Level.WARNING: "#8f5400", Level.ERROR: "#c0212a"}


def map_mermaid(shown: ApplicationMap, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> str:
    """Write a map as a flowchart from left to right.

    Nodes are numbered, and names stand in quotes with every character that is not harmless there as its code: no name
    can end its quotes, begin a directive or smuggle in markup.
    """
    number = {node.id: f"n{index}" for index, node in enumerate(shown.nodes)}
    lines = ["flowchart LR"]
    for node in shown.nodes:
        opening, closing = _SHAPES.get(icon(node), ("[", "]") if node.kind == "role" else ("(", ")"))
        lines.append(f'    {number[node.id]}{opening}"{_quoted(node_title(node))}"{closing}')
    lines += [
        f'    {number[edge.source]} -->|"{_quoted(edge_figures(edge))}"| {number[edge.target]}' for edge in shown.edges
    ]
    for health, colour in _COLOURS.items():
        lines += [
            f"    style {number[node.id]} stroke:{colour},stroke-width:3px"
            for node in shown.nodes
            if _node_level(node, thresholds) is health
        ]
        lines += [
            f"    linkStyle {index} stroke:{colour},stroke-width:3px"
            for index, edge in enumerate(shown.edges)
            if level(edge.failed_percent, thresholds) is health
        ]
    return "\n".join(lines) + "\n"


def _node_level(node: Node, thresholds: Thresholds) -> Level:
    return Level.OK if node.kind == "client" else level(node.failed_percent, thresholds)


def _quoted(text: str) -> str:
    return "".join(
        character if character.isalnum() or character in _PLAIN else f"#{ord(character)};" for character in text
    )
