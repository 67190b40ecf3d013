"""Processes are stopped or killed under load; no acknowledged telemetry is lost."""

import json
import signal
import threading
import uuid
from collections.abc import Callable, Sized
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
import pytest

from support.polling import eventually
from support.running_mesh import RunningMesh
from support.transaction_tree import assert_complete_tree

ARRIVAL_TIMEOUT_S = 20
BATCH_SIZE = 50


@pytest.mark.parametrize("program", ["frontend", "echo", "storage", "insights"])
def test_sigterm_right_after_an_input_loses_no_span(mesh: RunningMesh, program: str) -> None:
    operation_id = mesh.enter("4").json()["operation_id"]
    mesh.signal(program, signal.SIGTERM)

    assert_complete_tree_arrives(mesh, operation_id)


def test_sigterm_of_all_services_under_load_loses_no_stored_input(mesh: RunningMesh) -> None:
    stored: list[str] = []

    def enter() -> None:
        try:
            response = mesh.enter("4")
        except httpx.HTTPError:
            return
        if response.status_code == HTTPStatus.CREATED:
            stored.append(response.json()["operation_id"])

    with Repeating(enter, threads=8):
        for program in ("storage", "echo", "frontend"):
            eventually(grown(stored, by=20), within_s=20)
            mesh.signal(program, signal.SIGTERM)
            mesh.up()

    for operation_id in stored:
        assert_complete_tree_arrives(mesh, operation_id)


def test_items_acknowledged_before_kill_9_are_stored(mesh: RunningMesh) -> None:
    acknowledged: list[tuple[str, int]] = []
    began = datetime.now(UTC)

    def send_batch() -> None:
        operation_id = uuid.uuid4().hex
        try:
            response = mesh.insights.post("/v2.1/track", content=batch(operation_id, began))
        except httpx.HTTPError:
            return
        if response.status_code == HTTPStatus.OK:
            acknowledged.append((operation_id, response.json()["itemsAccepted"]))

    with Repeating(send_batch, threads=4):
        eventually(grown(acknowledged, by=20), within_s=20)
        mesh.signal("insights", signal.SIGKILL)
        eventually(grown(acknowledged, by=20), within_s=20)

    stored = [(operation_id, len(mesh.transaction(operation_id))) for operation_id, _ in acknowledged]
    assert stored == [(operation_id, BATCH_SIZE) for operation_id, _ in acknowledged]


def test_inputs_entered_while_insights_is_stopped_arrive_after_its_restart(mesh: RunningMesh) -> None:
    before = [response.json()["operation_id"] for response in mesh.enter_all(["before"] * 40, clients=10)]
    mesh.signal("insights", signal.SIGKILL)
    with mesh.stopped("insights"):
        during = [response.json()["operation_id"] for response in mesh.enter_all(["during"] * 40, clients=10)]

    for operation_id in before + during:
        assert_complete_tree_arrives(mesh, operation_id)


def assert_complete_tree_arrives(mesh: RunningMesh, operation_id: str) -> None:
    def complete() -> bool:
        try:
            assert_complete_tree(mesh.transaction(operation_id))
        except httpx.TransportError as error:
            raise AssertionError(error) from error
        return True

    eventually(complete, ARRIVAL_TIMEOUT_S)


def grown(collection: Sized, by: int) -> Callable[[], bool]:
    """Return a condition: the collection has grown by this number."""
    enough = len(collection) + by
    return lambda: len(collection) >= enough


def batch(operation_id: str, time: datetime) -> bytes:
    """Return a body of envelopes in the format of an SDK."""
    envelopes = [
        {
            "name": "Microsoft.ApplicationInsights.Message",
            "time": time.isoformat(),
            "iKey": str(uuid.UUID(int=0)),
            "tags": {"ai.cloud.role": "load", "ai.operation.id": operation_id},
            "data": {"baseType": "MessageData", "baseData": {"ver": 2, "message": f"{number} of {operation_id}"}},
        }
        for number in range(BATCH_SIZE)
    ]
    return json.dumps(envelopes).encode()


class Repeating:
    """Repeats an action in threads until the end of the block."""

    def __init__(self, action: Callable[[], None], threads: int) -> None:
        self._action = action
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._repeat) for _ in range(threads)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _repeat(self) -> None:
        while not self._stopped.is_set():
            self._action()
