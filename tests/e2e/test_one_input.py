"""One input: what its client is told, and what can be seen of it, how soon."""

import subprocess
import time
from datetime import UTC, datetime
from http import HTTPStatus

from running.settings import PROJECT_DIR
from support.polling import eventually
from support.running_mesh import RunningMesh
from support.transaction_tree import assert_complete_tree

VISIBLE_WITHIN_S = 1.5


def test_one_input_becomes_one_tree_of_seven_items_from_three_roles_within_a_second_and_a_half(
    mesh: RunningMesh,
) -> None:
    answer = mesh.enter("4")
    answered = time.monotonic()

    assert answer.status_code == HTTPStatus.CREATED
    body = answer.json()
    assert body["value"] == "4"
    assert body["transaction_url"] == f"{mesh.settings.url('insights')}/transaction/{body['operation_id']}"

    def complete() -> bool:
        items = mesh.transaction(body["operation_id"])
        assert_complete_tree(items)
        assert len(items) >= 7
        return {item["role"] for item in items} == {"frontend", "echo", "storage"}

    eventually(complete, VISIBLE_WITHIN_S)
    assert time.monotonic() - answered < VISIBLE_WITHIN_S


def test_the_map_shows_who_calls_whom(mesh: RunningMesh) -> None:
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

    eventually(complete, VISIBLE_WITHIN_S)


def test_the_console_program_is_the_first_node_of_its_operation(mesh: RunningMesh) -> None:
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

    eventually(complete, VISIBLE_WITHIN_S)


def test_a_refused_input_costs_nothing_but_its_own_request(mesh: RunningMesh) -> None:
    answer = mesh.enter("")

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    items = eventually(lambda: mesh.transaction(answer.json()["operation_id"]), VISIBLE_WITHIN_S)
    assert [
        (item["role"], item["result_code"], item["success"]) for item in items if item["item_type"] == "request"
    ] == [("frontend", "422", False)]
    assert not [item for item in items if item["item_type"] == "dependency"]
