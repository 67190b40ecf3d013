"""Many inputs at once: none is lost, doubled or mixed up with another, also while a service is away."""

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
ALL_ARRIVED_WITHIN_S = 20


def test_two_hundred_inputs_of_twenty_clients_are_two_hundred_complete_trees(mesh: RunningMesh) -> None:
    began = datetime.now(UTC)

    answers = mesh.enter_all(INPUTS, CLIENTS)

    assert Counter(answer.status_code for answer in answers) == {HTTPStatus.CREATED: len(INPUTS)}
    assert [answer.json()["value"] for answer in answers] == INPUTS
    operation_ids = {answer.json()["operation_id"] for answer in answers}
    assert len(operation_ids) == len(INPUTS)
    for operation_id in operation_ids:
        assert_arrives_whole(mesh, operation_id)
    calls = {ends: edge["calls"] for ends, edge in mesh.edges(began).items()}
    assert calls == {
        ("client", "frontend"): len(INPUTS),
        ("frontend", "echo"): len(INPUTS),
        ("frontend", "storage"): len(INPUTS),
        ("storage", "MySQL"): len(INPUTS),
    }


def test_while_storage_goes_and_comes_back_every_input_is_accounted_for(mesh: RunningMesh) -> None:
    began = datetime.now(UTC)

    with ThreadPoolExecutor(CLIENTS) as clients:
        before = [clients.submit(mesh.enter, value) for value in INPUTS[:60]]
        with mesh.stopped("storage"):
            meanwhile = [clients.submit(mesh.enter, value) for value in INPUTS[60:120]]
            meanwhile[-1].result()
        eventually(lambda: mesh.enter("is it back?").status_code == HTTPStatus.CREATED, within_s=10)
        after = list(clients.map(mesh.enter, INPUTS[120:]))
    answers = [future.result() for future in (*before, *meanwhile)] + after

    assert {answer.status_code for answer in answers} == {HTTPStatus.CREATED, HTTPStatus.SERVICE_UNAVAILABLE}
    assert {answer.status_code for answer in after} == {HTTPStatus.CREATED}
    for answer in answers:
        if answer.status_code == HTTPStatus.CREATED:
            assert_arrives_whole(mesh, answer.json()["operation_id"])
        else:
            assert_arrives_as_failed(mesh, answer)
    edge = mesh.edges(began)["frontend", "storage"]
    assert edge["failed"] >= sum(answer.status_code != HTTPStatus.CREATED for answer in answers)
    assert edge["calls"] - edge["failed"] >= sum(answer.status_code == HTTPStatus.CREATED for answer in answers)


def assert_arrives_whole(mesh: RunningMesh, operation_id: str) -> None:
    def whole() -> bool:
        assert_complete_tree(mesh.transaction(operation_id))
        return True

    eventually(whole, ALL_ARRIVED_WITHIN_S)


def assert_arrives_as_failed(mesh: RunningMesh, answer: httpx.Response) -> None:
    """The request failed, its call of storage failed, and no span names a parent that is not there."""

    def told() -> bool:
        items = mesh.transaction(answer.json()["operation_id"])
        assert _outcome(items, "request", "frontend") == (str(answer.status_code), False)
        assert [item for item in items if item["item_type"] == "dependency" and item["success"] is False]
        assert not [path for path in paths(items) if path.startswith("?")]
        return True

    eventually(told, ALL_ARRIVED_WITHIN_S)


def _outcome(items: list[Item], item_type: str, role: str) -> tuple[str, bool] | None:
    found = [item for item in items if (item["item_type"], item["role"]) == (item_type, role)]
    return (found[0]["result_code"], found[0]["success"]) if len(found) == 1 else None
