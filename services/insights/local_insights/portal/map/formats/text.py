"""The map as text for a terminal: one line a connection, indented like the calls it is reached by."""

import unicodedata

from local_insights.model.application_map import ApplicationMap, Edge
from local_insights.model.health import DEFAULT_THRESHOLDS, Level, Thresholds, level
from local_insights.portal.formats import duration, percent
from local_insights.portal.map.labels import calls, node_figures, node_title, plain

_INDENT = "  "


def map_text(shown: ApplicationMap, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> str:
    """Draw a map in lines, each connection once, its level in words.

        prompt → frontend                            3 calls · 164 ms ·   0 % failed
          frontend → echo                            3 calls · 6.9 ms ·   0 % failed
          frontend → storage                         3 calls ·  71 ms ·  14 % failed  error
            storage → MySQL 127.0.0.1:3306 | mesh    3 calls · 2.2 ms ·   0 % failed

    Names are made harmless for terminals: no escape sequence or change of direction gets through.
    """
    names = {node.id: node_title(node) for node in shown.nodes}
    walk = _walk(shown)
    rows = [
        (
            f"{_INDENT * depth}{names[edge.source]} → {names[edge.target]}",
            calls(edge.calls),
            duration(edge.average_ms),
            percent(edge.failed_percent),
            level(edge.failed_percent, thresholds),
        )
        for edge, depth in walk
    ]
    width = max((_columns(row[0]) for row in rows), default=0)
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = [
        f"{call}{' ' * (width - _columns(call))}    "
        f"{number:>{widths[1]}} · {average:>{widths[2]}} · {failed:>{widths[3]}} failed"
        f"{'' if health is Level.OK else f'  {health}'}"
        for call, number, average, failed, health in rows
    ]
    connected = {end for edge in shown.edges for end in (edge.source, edge.target)}
    lines += [
        f"{names[node.id]}    {node_figures(node)}, connected to nothing"
        for node in shown.nodes
        if node.id not in connected
    ]
    lines += [f"Note: {plain(note)}" for note in shown.notes]
    return "\n".join(lines) + "\n"


def _columns(text: str) -> int:
    """How many columns a terminal gives a text."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _walk(shown: ApplicationMap) -> list[tuple[Edge, int]]:
    """Every edge once with its depth, depth first from the nodes that nobody calls, busiest first."""
    leaving: dict[str, list[Edge]] = {}
    for edge in sorted(shown.edges, key=lambda edge: (-edge.calls, edge.target), reverse=True):
        leaving.setdefault(edge.source, []).append(edge)
    called = {edge.target for edge in shown.edges if edge.source != edge.target}
    starts = sorted((node.id for node in shown.nodes), key=lambda node_id: (node_id in called, node_id))
    walk: list[tuple[Edge, int]] = []
    for start in starts:
        pending = [(edge, 0) for edge in leaving.pop(start, ())]
        while pending:
            edge, depth = pending.pop()
            walk.append((edge, depth))
            pending.extend((following, depth + 1) for following in leaving.pop(edge.target, ()))
    return walk
