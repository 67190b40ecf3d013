"""A service that is gone or hangs: a problem that names it, soon; and recovery without help."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus

import pytest

from support.polling import eventually
from support.running_mesh import RunningMesh

PATIENCE_S = 3
RECOVERY_S = 15

Fault = Callable[[RunningMesh, str], AbstractContextManager[None]]


@pytest.mark.parametrize("fault", [RunningMesh.stopped, RunningMesh.hanging], ids=["gone", "hanging"])
@pytest.mark.parametrize(("program", "named"), [("echo", "echo"), ("storage", "storage"), ("mysql", "MySQL")])
def test_the_problem_names_the_service_within_three_seconds_and_passes_by_itself(
    mesh: RunningMesh, program: str, named: str, fault: Fault
) -> None:
    pids = {name: mesh.pid(name) for name in ("frontend", "echo", "storage", "insights") if name != program}

    with fault(mesh, program):
        began = time.monotonic()
        answer = mesh.enter("4")
        took_s = time.monotonic() - began

    assert took_s < PATIENCE_S
    assert answer.status_code in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
    assert answer.headers["content-type"] == "application/problem+json"
    assert named.lower() in answer.json()["detail"].lower()
    eventually(lambda: mesh.enter("4").status_code == HTTPStatus.CREATED, RECOVERY_S)
    assert {name: mesh.pid(name) for name in pids} == pids


def test_inputs_do_not_wait_for_local_insights(mesh: RunningMesh) -> None:
    with mesh.hanging("insights"):
        began = time.monotonic()
        answers = mesh.enter_all([str(number) for number in range(40)], clients=10)
        took_s = time.monotonic() - began

    assert {answer.status_code for answer in answers} == {HTTPStatus.CREATED}
    assert took_s < PATIENCE_S
