"""The map as JSON: what scripts and tests in CI rely on."""

from dataclasses import asdict
from typing import Any

from local_insights.model.application_map import ApplicationMap

_DECIMALS = 3


def map_json(shown: ApplicationMap) -> dict[str, Any]:
    """The map as an object ready to be serialised.

    `{"from", "to", "nodes": [...], "edges": [...], "notes": [...]}`, with the fields of `Node` and `Edge` under their
    own names. Times are ISO 8601 in UTC, durations milliseconds and percents 0 to 100, to three decimals.
    """
    return {
        "from": shown.time_range.start.isoformat(),
        "to": shown.time_range.end.isoformat(),
        "nodes": [_rounded(asdict(node)) for node in shown.nodes],
        "edges": [_rounded(asdict(edge)) for edge in shown.edges],
        "notes": list(shown.notes),
    }


def _rounded(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: round(fact, _DECIMALS) if isinstance(fact, float) else fact for name, fact in facts.items()}
