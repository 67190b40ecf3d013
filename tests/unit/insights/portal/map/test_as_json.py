"""The JSON of the map, which scripts depend on."""

from local_insights.portal.map.as_json import map_json
from support.example_maps import failing_mesh, mesh


def test_map_json_schema() -> None:
    document = map_json(mesh())
    assert list(document) == ["from", "to", "nodes", "edges", "notes"]
    assert (document["from"], document["to"]) == ("2026-01-01T12:00:00+00:00", "2026-01-01T13:00:00+00:00")
    assert document["nodes"][1] == {
        "id": "role:echo",
        "kind": "role",
        "name": "echo",
        "type": None,
        "calls": 3,
        "failed": 0,
        "failed_percent": 0.0,
        "average_ms": 4.0,
        "p50_ms": document["nodes"][1]["p50_ms"],
        "p95_ms": document["nodes"][1]["p95_ms"],
        "instances": 2,
        "items": 3,
        "squared_weights": 3,
    }
    assert list(document["edges"][0]) == [
        "source",
        "target",
        "calls",
        "failed",
        "failed_percent",
        "average_ms",
        "p95_ms",
        "items",
        "squared_weights",
    ]
    assert document["notes"] == []


def test_numbers_have_at_most_three_decimals() -> None:
    document = map_json(failing_mesh())
    values = [value for element in (*document["nodes"], *document["edges"]) for value in element.values()]
    assert all(value == round(value, 3) for value in values if isinstance(value, float))
