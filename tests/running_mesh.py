"""The mesh as real processes, for tests: on free ports, with a state directory and a database of its own."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import psutil

from running import lifecycle
from running.settings import Settings
from running.supervision import Supervisor

Answer = TypeVar("Answer")


def eventually(condition: Callable[[], Answer], within_s: float) -> Answer:
    """Ask until the answer is truthy. Assertions that fail meanwhile count as "not yet"; the last one is raised."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            if answer := condition():
                return answer
            failure = AssertionError(f"still {answer!r} after {within_s} s")
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure
        time.sleep(0.02)


class RunningMesh:
    """A mesh that is up, and what tests do to it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.supervisor = Supervisor(settings.state_dir)
        self.frontend = httpx.Client(base_url=settings.url("frontend"), timeout=10, trust_env=False)
        self.insights = httpx.Client(base_url=settings.url("insights"), timeout=10, trust_env=False)

    def up(self) -> None:
        """Start what was stopped, and wait until all is healthy."""
        lifecycle.up(self.settings)

    def close(self) -> None:
        """Let go of the connections."""
        self.frontend.close()
        self.insights.close()

    def enter(self, value: str) -> httpx.Response:
        """Enter a value at the frontend."""
        return self.frontend.post("/values", json={"value": value})

    def enter_all(self, values: list[str], clients: int) -> list[httpx.Response]:
        """Enter values from so many parallel clients."""
        with ThreadPoolExecutor(clients) as pool:
            return list(pool.map(self.enter, values))

    def transaction(self, operation_id: str) -> list[dict[str, Any]]:
        """The items of an operation, in tree order; none while nothing has arrived."""
        response = self.insights.get(f"/transaction/{operation_id}.json")
        if response.status_code == httpx.codes.NOT_FOUND:
            return []
        items: list[dict[str, Any]] = response.raise_for_status().json()["items"]
        return items

    def application_map(self, began: datetime) -> dict[str, Any]:
        """The map of the time since `began`."""
        query = {"from": began.isoformat(), "to": datetime.now(UTC).isoformat()}
        answer: dict[str, Any] = self.insights.get("/map.json", params=query).raise_for_status().json()
        return answer

    def edges(self, began: datetime) -> dict[tuple[str, str], dict[str, Any]]:
        """The connectors of the map since `began`, by the readable ends: role names, `MySQL` for the database."""
        application_map = self.application_map(began)
        names = {
            node["id"]: node["type"] if node["kind"] == "dependency" else node["name"]
            for node in application_map["nodes"]
        }
        return {(names[edge["source"]], names[edge["target"]]): edge for edge in application_map["edges"]}

    def pid(self, program: str) -> int:
        """Process id of a program; 0 while it does not run."""
        return self.supervisor.processes()[program].pid

    def signal(self, program: str, number: signal.Signals) -> None:
        """Send a program a signal."""
        os.kill(self.pid(program), number)

    @contextmanager
    def stopped(self, program: str) -> Iterator[None]:
        """A program that is not there; afterwards it is again."""
        self.supervisor.stop_program(program)
        try:
            yield
        finally:
            self.supervisor.start_program(program)

    @contextmanager
    def hanging(self, program: str) -> Iterator[None]:
        """A program that takes connections and never answers; afterwards it goes on."""
        process = psutil.Process(self.pid(program))
        process.suspend()
        try:
            yield
        finally:
            process.resume()
