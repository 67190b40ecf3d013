"""One input: the response, its transaction and map, and the time until they are visible."""

import subprocess
import time
from datetime import UTC, datetime
from http import HTTPStatus

from running.settings import PROJECT_DIR
from support.polling import eventually
from support.running_mesh import RunningMesh
from support.transaction_tree import assert_complete_tree

VISIBLE_TIMEOUT_S = 1.5


def test_one_input_is_one_tree_of_seven_items_from_three_roles_within_1_5_seconds(
    mesh: RunningMesh,
) -> None:
    response = mesh.enter("4")
    began = time.monotonic()

    assert response.status_code == HTTPStatus.CREATED
    body = response.json()
    assert body["value"] == "4"
    assert body["transaction_url"] == f"{mesh.settings.url('insights')}/transaction/{body['operation_id']}"

    def complete() -> bool:
        items = mesh.transaction(body["operation_id"])
        assert_complete_tree(items)
        assert len(items) >= 7
        return {item["role"] for item in items} == {"frontend", "echo", "storage"}

    eventually(complete, VISIBLE_TIMEOUT_S)
    assert time.monotonic() - began < VISIBLE_TIMEOUT_S


def test_map_has_the_calls_between_roles(mesh: RunningMesh) -> None:
    began = datetime.now(UTC)
    mesh.enter("4")

    def complete() -> bool:
        edges = mesh.edges(began)
        assert {ends: edge["calls"] for ends, edge in edges.items()} == {
            ("client", "frontend"): 1,
            ("frontend", "echo"): 1,
            ("frontend", "storage"): 1,
            ("storage", "MySQL"): 1,
        }
        return not any(edge["failed"] for edge in edges.values())

    eventually(complete, VISIBLE_TIMEOUT_S)


def test_console_program_is_the_first_node_of_its_operation(mesh: RunningMesh) -> None:
    began = datetime.now(UTC)
    prompt = subprocess.run(
        [PROJECT_DIR / ".venv" / "bin" / "prompt"],
        input="4\nhello\n",
        env=mesh.settings.environment(mysql_password=""),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "hello" in prompt.stdout

    def complete() -> bool:
        calls = {ends: edge["calls"] for ends, edge in mesh.edges(began).items()}
        return calls == {
            ("prompt", "frontend"): 2,
            ("frontend", "echo"): 2,
            ("frontend", "storage"): 2,
            ("storage", "MySQL"): 2,
        }

    eventually(complete, VISIBLE_TIMEOUT_S)


def test_rejected_input_has_one_request_and_a_log_with_the_reason(mesh: RunningMesh) -> None:
    response = mesh.enter("")

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY

    def complete() -> bool:
        items = mesh.transaction(response.json()["operation_id"])
        requests = [item for item in items if item["item_type"] == "request"]
        assert [(item["role"], item["result_code"], item["success"]) for item in requests] == [
            ("frontend", "422", False)
        ]
        assert [item["item_type"] for item in items if item not in requests] == ["trace"]
        return True

    eventually(complete, VISIBLE_TIMEOUT_S)
