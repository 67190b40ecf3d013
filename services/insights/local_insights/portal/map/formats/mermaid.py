"""The map as a Mermaid flowchart, which GitHub, GitLab and many wikis render."""

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import Level, level
from local_insights.model.map_elements import Node
from local_insights.model.time_limit import limited
from local_insights.portal.map.icons import icon
from local_insights.portal.map.labels import edge_summary, node_title

_SAFE = frozenset(" .-_/:,·")
_SHAPES = {
    "client": ("([", "])"),
    "browser": ("([", "])"),
    "database": ("[(", ")]"),
    "cache": ("[(", ")]"),
    "queue": ("[/", "/]"),
}
_COLOURS = {Level.WARNING: "#8f5400", Level.ERROR: "#c0212a"}


def map_mermaid(app_map: ApplicationMap) -> str:
    """Return the map as a flowchart from left to right.

    Node ids are numbers. Names are quoted, and every character that is not known to be safe is replaced by its
    character code, so that a name cannot end its quotes, start a directive or inject markup.
    """
    number = {node.id: f"n{index}" for index, node in enumerate(app_map.nodes)}
    lines = ["flowchart LR"]
    for node in limited(app_map.nodes):
        opening, closing = _SHAPES.get(icon(node), ("[", "]") if node.kind == "role" else ("(", ")"))
        lines.append(f'    {number[node.id]}{opening}"{_quoted(node_title(node))}"{closing}')
    lines += [
        f'    {number[edge.source]} -->|"{_quoted(edge_summary(edge))}"| {number[edge.target]}'
        for edge in limited(app_map.edges)
    ]
    for health, colour in _COLOURS.items():
        lines += [
            f"    style {number[node.id]} stroke:{colour},stroke-width:3px"
            for node in app_map.nodes
            if _node_level(node) is health
        ]
        lines += [
            f"    linkStyle {index} stroke:{colour},stroke-width:3px"
            for index, edge in enumerate(app_map.edges)
            if level(edge.failed_percent) is health
        ]
    return "\n".join(lines) + "\n"


def _node_level(node: Node) -> Level:
    return Level.OK if node.kind == "client" else level(node.failed_percent)


def _quoted(text: str) -> str:
    return "".join(
        character if character.isalnum() or character in _SAFE else f"#{ord(character)};" for character in text
    )
