"""A trace over services with different SDKs is one transaction and one map."""

import sys
from pathlib import Path

from support.insights_process import Insights
from support.sdk_programs import Portal, pointing_to, running, sent_by

ROLES = ("mesh-opencensus", "mesh-azure", "mesh-otlp")


def test_trace_over_three_sdks_is_one_tree_and_one_map(insights: Insights, opentelemetry_python: Path) -> None:
    """OpenCensus calls Azure's distribution of OpenTelemetry, which calls a service that sends by OTLP."""
    first, second, third = ROLES
    interpreter, program = str(opentelemetry_python), "mesh_service.py"
    environment = pointing_to(insights)
    with (
        running([interpreter, program, "otlp", third], environment) as otlp,
        running([interpreter, program, "azure", second, otlp["url"]], environment) as azure,
    ):
        sent = sent_by([sys.executable, "mesh_frontend.py", azure["url"]], environment)
    with Portal(insights) as portal:
        for role in ROLES:
            portal.await_items(role, [{"item_type": "request", "operation_id": sent.operation_id}])
        steps = portal.json(f"/transaction/{sent.operation_id}.json")
        tree = [(step["depth"], step["item_type"], step["role"]) for step in steps["items"]]
        assert tree == [
            (0, "request", first),
            (1, "dependency", first),
            (2, "request", second),
            (3, "trace", second),
            (3, "dependency", second),
            (4, "request", third),
            (5, "trace", third),
        ]
        assert steps["notes"] == []
        found = portal.json("/map.json", since="1h")
        edges = {(edge["source"], edge["target"]) for edge in found["edges"]}
        assert {(f"role:{first}", f"role:{second}"), (f"role:{second}", f"role:{third}")} <= edges
        assert not [
            node["id"] for node in found["nodes"] if node["kind"] == "dependency" and "127.0.0.1" in node["name"]
        ]
