"""Labels of nodes and edges in drawings and text formats."""

import unicodedata
from bisect import bisect_right

from local_insights.model.map_elements import Edge, Node
from local_insights.portal.formats import count, duration, percent, single_line

_NARROW, _WIDE = frozenset("iljtfrI.,:;|'!/()[] -"), frozenset("mwMW@%")
_BOLD = 1.1
_ELLIPSIS = "…"
_WITHOUT_CALLS = {"browser": "no page views"}


def node_name(node: Node) -> str:
    """Return the display name of a node, never empty."""
    return single_line(node.name) or single_line(node.type or "") or "(no name)"


def node_title(node: Node) -> str:
    """Return the name, preceded by the dependency type: `MySQL 127.0.0.1:3306 | mesh`."""
    kind = "" if node.kind == "group" else single_line(node.type or "")
    name = node_name(node)
    return f"{kind} {name}" if kind and kind != name else name


def calls(number: int) -> str:
    """Format a number of calls: `1 call`, `918 calls`, `11.1k calls`."""
    return _counted(number, "call")


def _counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{count(number)} {noun}s"


def node_summary(node: Node) -> str:
    """Return the statistics of a node in one line.

    `164 ms · 918 calls`, `99.2 % available · 120 results`, `1.3 s · 40 page views`, `provisional · 1 call`.
    """
    if node.is_provisional:
        return f"provisional · {calls(node.calls)}"
    if not node.calls:
        return _WITHOUT_CALLS.get(node.kind, "no requests")
    if node.kind == "availability":
        return f"{percent(100 - node.failed_percent)} available · {_counted(node.calls, 'result')}"
    if node.kind == "browser":
        return f"{duration(node.average_ms)} · {_counted(node.calls, 'page view')}"
    return f"{duration(node.average_ms)} · {calls(node.calls)}"


def edge_summary(edge: Edge) -> str:
    """Return the statistics of an edge in one line: `3 calls · 12 ms · 0 % failed`."""
    return f"{calls(edge.calls)} · {duration(edge.average_ms)} · {percent(edge.failed_percent)} failed"


def instances(node: Node) -> str:
    """Return the number of instances with a multiplication sign; empty for one instance or none."""
    return f"\N{MULTIPLICATION SIGN}{node.instances}" if node.instances > 1 else ""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate the width of a text in a sans-serif font of this size; the estimate is a few percent too wide."""
    return sum(map(_advance, text)) * size * (_BOLD if bold else 1)


def shorten(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Return the text, with an ellipsis in the middle if it is wider than `width`.

    Both ends remain visible, because names of services and hosts differ at either end: `payments-api-west`,
    `payments-api-east`.
    """
    if text_width(text, size, bold=bold) <= width:
        return text

    def ends(length: int) -> str:
        tail = length * 2 // 5
        return f"{text[: length - tail].rstrip()}{_ELLIPSIS}{text[len(text) - tail :].lstrip()}"

    length = bisect_right(range(len(text)), width, key=lambda length: text_width(ends(length), size, bold=bold)) - 1
    return ends(length) if length > 1 else _ELLIPSIS


def _advance(character: str) -> float:
    if character in _NARROW:
        return 0.34
    if character in _WIDE:
        return 0.9
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    return 0.7 if character.isupper() else 0.6
