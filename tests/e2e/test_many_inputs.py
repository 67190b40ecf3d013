"""Many concurrent inputs: none is lost, duplicated or mixed up with another, also while a service is stopped."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from support.polling import eventually
from support.running_mesh import RunningMesh
from support.transaction_tree import Item, assert_complete_tree, paths

INPUTS = [f"value {number}" for number in range(200)]
CLIENTS = 20
ARRIVAL_TIMEOUT_S = 20


def test_two_hundred_inputs_of_twenty_clients_are_complete_trees(mesh: RunningMesh) -> None:
    began = datetime.now(UTC)

    responses = mesh.enter_all(INPUTS, CLIENTS)

    assert Counter(response.status_code for response in responses) == {HTTPStatus.CREATED: len(INPUTS)}
    assert [response.json()["value"] for response in responses] == INPUTS
    operation_ids = {response.json()["operation_id"] for response in responses}
    assert len(operation_ids) == len(INPUTS)
    for operation_id in operation_ids:
        assert_complete_tree_arrives(mesh, operation_id)
    calls = {ends: edge["calls"] for ends, edge in mesh.edges(began).items()}
    assert calls == {
        ("client", "frontend"): len(INPUTS),
        ("frontend", "echo"): len(INPUTS),
        ("frontend", "storage"): len(INPUTS),
        ("storage", "MySQL"): len(INPUTS),
    }


def test_every_input_is_recorded_while_storage_stops_and_restarts(mesh: RunningMesh) -> None:
    began = datetime.now(UTC)

    with ThreadPoolExecutor(CLIENTS) as clients:
        before = [clients.submit(mesh.enter, value) for value in INPUTS[:60]]
        with mesh.stopped("storage"):
            during = [clients.submit(mesh.enter, value) for value in INPUTS[60:120]]
            during[-1].result()
        eventually(lambda: mesh.enter("probe").status_code == HTTPStatus.CREATED, within_s=10)
        after = list(clients.map(mesh.enter, INPUTS[120:]))
    responses = [future.result() for future in (*before, *during)] + after

    assert {response.status_code for response in responses} == {HTTPStatus.CREATED, HTTPStatus.SERVICE_UNAVAILABLE}
    assert {response.status_code for response in after} == {HTTPStatus.CREATED}
    for response in responses:
        if response.status_code == HTTPStatus.CREATED:
            assert_complete_tree_arrives(mesh, response.json()["operation_id"])
        else:
            assert_arrives_as_failed(mesh, response)
    edge = mesh.edges(began)["frontend", "storage"]
    assert edge["failed"] >= sum(response.status_code != HTTPStatus.CREATED for response in responses)
    assert edge["calls"] - edge["failed"] >= sum(response.status_code == HTTPStatus.CREATED for response in responses)


def assert_complete_tree_arrives(mesh: RunningMesh, operation_id: str) -> None:
    def complete() -> bool:
        assert_complete_tree(mesh.transaction(operation_id))
        return True

    eventually(complete, ARRIVAL_TIMEOUT_S)


def assert_arrives_as_failed(mesh: RunningMesh, response: httpx.Response) -> None:
    """The request failed, its call of storage failed, and every parent exists."""

    def failed_tree() -> bool:
        items = mesh.transaction(response.json()["operation_id"])
        assert _outcome(items, "request", "frontend") == (str(response.status_code), False)
        assert [item for item in items if item["item_type"] == "dependency" and item["success"] is False]
        assert not [path for path in paths(items) if path.startswith("?")]
        return True

    eventually(failed_tree, ARRIVAL_TIMEOUT_S)


def _outcome(items: list[Item], item_type: str, role: str) -> tuple[str, bool] | None:
    found = [item for item in items if (item["item_type"], item["role"]) == (item_type, role)]
    return (found[0]["result_code"], found[0]["success"]) if len(found) == 1 else None
