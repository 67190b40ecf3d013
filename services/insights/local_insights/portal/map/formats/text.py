"""The map as text for a terminal: one line per connection, indented by call depth."""

import unicodedata

from local_insights.model.application_map import ApplicationMap
from local_insights.model.health import Level, level
from local_insights.model.map_elements import Edge
from local_insights.model.time_limit import limited
from local_insights.portal.formats import duration, percent, single_line
from local_insights.portal.map.labels import calls, node_summary, node_title

_INDENT = "  "


def map_text(app_map: ApplicationMap) -> str:
    """Return the map as text: each connection once, with its health level.

        prompt → frontend                            3 calls · 164 ms ·   0 % failed
          frontend → echo                            3 calls · 6.9 ms ·   0 % failed
          frontend → storage                         3 calls ·  71 ms ·  14 % failed  error
            storage → MySQL 127.0.0.1:3306 | mesh    3 calls · 2.2 ms ·   0 % failed

    Names are sanitized for terminals: they contain no escape sequences and no direction changes.
    """
    names = {node.id: node_title(node) for node in app_map.nodes}
    walk = _walk(app_map)
    rows = [
        (
            f"{_INDENT * depth}{names[edge.source]} → {names[edge.target]}",
            calls(edge.calls),
            duration(edge.average_ms),
            percent(edge.failed_percent),
            level(edge.failed_percent),
        )
        for edge, depth in limited(walk)
    ]
    width = max((_columns(row[0]) for row in rows), default=0)
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    lines = [
        f"{call}{' ' * (width - _columns(call))}    "
        f"{number:>{widths[1]}} · {average:>{widths[2]}} · {failed:>{widths[3]}} failed"
        f"{'' if health is Level.OK else f'  {health}'}"
        for call, number, average, failed, health in rows
    ]
    connected = {end for edge in app_map.edges for end in (edge.source, edge.target)}
    lines += [
        f"{names[node.id]}    {node_summary(node)}, connected to nothing"
        for node in app_map.nodes
        if node.id not in connected
    ]
    lines += [f"Note: {single_line(note)}" for note in app_map.notes]
    return "\n".join(lines) + "\n"


def _columns(text: str) -> int:
    """Return the width of a text in terminal columns."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _walk(app_map: ApplicationMap) -> list[tuple[Edge, int]]:
    """Return every edge once with its depth: depth first from the nodes without callers, most calls first."""
    leaving: dict[str, list[Edge]] = {}
    for edge in sorted(app_map.edges, key=lambda edge: (-edge.calls, edge.target), reverse=True):
        leaving.setdefault(edge.source, []).append(edge)
    called = {edge.target for edge in app_map.edges if edge.source != edge.target}
    starts = sorted((node.id for node in app_map.nodes), key=lambda node_id: (node_id in called, node_id))
    walk: list[tuple[Edge, int]] = []
    for start in starts:
        pending = [(edge, 0) for edge in leaving.pop(start, ())]
        while pending:
            edge, depth = pending.pop()
            walk.append((edge, depth))
            pending.extend((following, depth + 1) for following in leaving.pop(edge.target, ()))
    return walk
