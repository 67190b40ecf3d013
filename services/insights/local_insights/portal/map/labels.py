"""How drawings name nodes and put their figures into words."""

import unicodedata
from bisect import bisect_right

from local_insights.model.application_map import Edge, Node
from local_insights.portal.formats import count, duration, percent, sanitize

_NARROW, _WIDE = frozenset("iljtfrI.,:;|'!/()[] -"), frozenset("mwMW@%")
_BOLD = 1.1
_ELLIPSIS = "…"
_NOTHING = {"browser": "no page views"}


def plain(text: str) -> str:
    """Text for one line of a drawing: printable, and without line breaks."""
    return " ".join(sanitize(text).split())


def node_name(node: Node) -> str:
    """The name to show for a node, never empty."""
    return plain(node.name) or plain(node.type or "") or "(no name)"


def node_title(node: Node) -> str:
    """The name with the kind of thing it names where that is not plain: `MySQL 127.0.0.1:3306 | mesh`."""
    kind = "" if node.kind == "group" else plain(node.type or "")
    name = node_name(node)
    return f"{kind} {name}" if kind and kind != name else name


def calls(number: int) -> str:
    """`1 call`, `918 calls`, `11.1k calls`."""
    return "1 call" if number == 1 else f"{count(number)} calls"


def node_figures(node: Node) -> str:
    """What stands under a node's name: `164 ms · 918 calls`, `99.2 % · 120 results`, `1.3 s · 40 views`."""
    if not node.calls:
        return _NOTHING.get(node.kind, "no requests")
    if node.kind == "availability":
        return f"{percent(100 - node.failed_percent)} available · {count(node.calls)} results"
    if node.kind == "browser":
        return f"{duration(node.average_ms)} · {count(node.calls)} page views"
    return f"{duration(node.average_ms)} · {calls(node.calls)}"


def edge_figures(edge: Edge) -> str:
    """An edge's figures in one line: `3 calls · 12 ms · 0 % failed`."""
    return f"{calls(edge.calls)} · {duration(edge.average_ms)} · {percent(edge.failed_percent)} failed"


def instances(node: Node) -> str:
    """How many instances a role has, as a multiplier, when they are several; else nothing."""
    return f"\N{MULTIPLICATION SIGN}{node.instances}" if node.instances > 1 else ""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width that a sans-serif font gives a text, about; a few percent too wide rather than too narrow."""
    return sum(map(_advance, text)) * size * (_BOLD if bold else 1)


def shortened(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, or its two ends round an ellipsis when it is wider than `width`.

    Both ends are kept because names of services and hosts differ at either: `payments-api-west`, `payments-api-east`.
    """
    if text_width(text, size, bold=bold) <= width:
        return text

    def ends(kept: int) -> str:
        tail = kept * 2 // 5
        return f"{text[: kept - tail].rstrip()}{_ELLIPSIS}{text[len(text) - tail :].lstrip()}"

    kept = bisect_right(range(len(text)), width, key=lambda kept: text_width(ends(kept), size, bold=bold)) - 1
    return ends(kept) if kept > 1 else _ELLIPSIS


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
