"""A stopped or unresponsive service: the problem names it within 3 s, and the mesh recovers without a restart."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus

import pytest

from support.polling import eventually
from support.running_mesh import RunningMesh

RESPONSE_TIMEOUT_S = 3
RECOVERY_TIMEOUT_S = 15

Fault = Callable[[RunningMesh, str], AbstractContextManager[None]]


@pytest.mark.parametrize("fault", [RunningMesh.stopped, RunningMesh.hanging], ids=["stopped", "hanging"])
@pytest.mark.parametrize(("program", "named"), [("echo", "echo"), ("storage", "storage"), ("mysql", "MySQL")])
def test_problem_names_the_service_within_three_seconds_and_the_mesh_recovers(
    mesh: RunningMesh, program: str, named: str, fault: Fault
) -> None:
    pids = {name: mesh.pid(name) for name in ("frontend", "echo", "storage", "insights") if name != program}

    with fault(mesh, program):
        began = time.monotonic()
        response = mesh.enter("4")
        took_s = time.monotonic() - began

    assert took_s < RESPONSE_TIMEOUT_S
    assert response.status_code in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
    assert response.headers["content-type"] == "application/problem+json"
    assert named.lower() in response.json()["detail"].lower()
    eventually(lambda: mesh.enter("4").status_code == HTTPStatus.CREATED, RECOVERY_TIMEOUT_S)
    assert {name: mesh.pid(name) for name in pids} == pids


def test_inputs_do_not_wait_for_local_insights(mesh: RunningMesh) -> None:
    with mesh.hanging("insights"):
        began = time.monotonic()
        responses = mesh.enter_all([str(number) for number in range(40)], clients=10)
        took_s = time.monotonic() - began

    assert {response.status_code for response in responses} == {HTTPStatus.CREATED}
    assert took_s < RESPONSE_TIMEOUT_S
