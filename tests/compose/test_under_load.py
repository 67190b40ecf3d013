"""Containers are restarted or killed under load: every input has its tree, also the failed ones."""

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from support.composed_mesh import ComposedMesh, docker
from support.polling import eventually
from support.steady_load import ROLE, Input, SteadyLoad
from support.transaction_tree import STORED_VALUE, Item, is_span, paths

INPUTS_PER_S = 50
MYSQL_STOPPED_S = 10
"""Duration of the disturbance: several times the timeouts of storage and its pool."""
RECOVERY_TIMEOUT_S = 60
ARRIVAL_TIMEOUT_S = 60
BEFORE_AND_AFTER_S = 2.0
"""Duration of the load before and after the disturbance; these inputs are counted as well."""

Disturbance = Callable[[ComposedMesh], None]


def mysql_stops_for_a_while(mesh: ComposedMesh) -> None:
    mesh.compose("stop", "mysql")
    time.sleep(MYSQL_STOPPED_S)
    mesh.compose("start", "mysql")


def restart_of(service: str) -> Disturbance:
    def restart(mesh: ComposedMesh) -> None:
        mesh.compose("restart", service)

    restart.__name__ = f"{service}_restarts"
    return restart


def insights_is_killed(mesh: ComposedMesh) -> None:
    def starts() -> int:
        return int(docker("inspect", "--format", "{{.RestartCount}}", mesh.container("insights")))

    before = starts()
    mesh.inside("insights", "kill -9 $(cat /proc/1/task/1/children)")
    eventually(lambda: starts() == before + 1, within_s=20)


DISTURBANCES = (
    insights_is_killed,
    restart_of("insights"),
    restart_of("echo"),
    restart_of("storage"),
    restart_of("frontend"),
    mysql_stops_for_a_while,
)


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_every_input_has_its_tree(mesh: ComposedMesh, disturb: Disturbance, tmp_path: Path) -> None:
    with SteadyLoad(mesh.url("frontend"), mesh.url("insights"), INPUTS_PER_S, tmp_path) as load:
        time.sleep(BEFORE_AND_AFTER_S)
        disturb(mesh)
        eventually(lambda: most_are_stored(load), RECOVERY_TIMEOUT_S)
        time.sleep(BEFORE_AND_AFTER_S)
    eventually(lambda: mesh.health("insights") == "healthy", RECOVERY_TIMEOUT_S)

    wrong = await_trees(mesh, load.inputs)
    print(f"\n{disturb.__name__}: {len(load.inputs)} inputs, statuses {dict(load.statuses())}, {len(wrong)} incomplete")
    assert not wrong


def most_are_stored(load: SteadyLoad) -> bool:
    """Return True if most inputs of the last second were stored: a busy machine may be too slow for some."""
    latest = [entered.status for entered in load.inputs[-INPUTS_PER_S:]]
    return latest.count(HTTPStatus.CREATED) > INPUTS_PER_S / 2


def await_trees(mesh: ComposedMesh, inputs: list[Input]) -> list[str]:
    """Wait until all trees are complete; return the faults that remain after the timeout."""
    deadline = time.monotonic() + ARRIVAL_TIMEOUT_S
    incomplete = inputs
    while True:
        faults = {entered: fault(mesh.transaction(entered.operation_id), entered) for entered in incomplete}
        incomplete = [entered for entered in incomplete if faults[entered]]
        if not incomplete or time.monotonic() > deadline:
            return [f"{entered}: {faults[entered]}" for entered in incomplete]
        time.sleep(1)


def fault(items: list[Item], entered: Input) -> str:
    """Return the fault of an input's tree; empty if it is complete."""
    found = paths(items)
    orphans = [path for path in found if path.startswith("?")]
    root = f"{ROLE} INPROC > {ROLE} HTTP"
    if orphans:
        return f"no parent for {orphans}"
    if entered.status == HTTPStatus.CREATED:
        expected = {f"{root} > {path}": times for path, times in STORED_VALUE.items()}
        return "" if expected.items() <= found.items() else f"only {found}"
    failed = [item for item in items if is_span(item) and item["success"] is False]
    return "" if root in found and failed else f"nothing failed in {found}"
