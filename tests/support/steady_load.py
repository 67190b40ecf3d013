"""Inputs at a steady pace from a client that is traced itself, so that one it never got an answer to has a tree too."""

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from telemetry import Telemetry, TelemetrySettings, current_operation_id
from telemetry.integrations.httpx import TracedAsyncTransport

ROLE = "load"
PATIENCE_S = 10


@dataclass(frozen=True, slots=True)
class Input:
    """What its client knows of one input."""

    operation_id: str
    status: int | None
    """None when no answer came: refused, reset, or too late."""


class SteadyLoad:
    """So many inputs a second while the block lasts; afterwards `inputs` has them all, each answered or given up.

    Args:
        url: The frontend.
        insights_url: Where the client's own telemetry goes.
        inputs_per_s: The pace; it does not slow down when answers do.
        undelivered: A directory for telemetry that has to wait.
    """

    def __init__(self, url: str, insights_url: str, inputs_per_s: float, undelivered: Path) -> None:
        connection = f"InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint={insights_url}"
        self._telemetry = Telemetry(TelemetrySettings(role=ROLE, connection_string=connection, storage_dir=undelivered))
        self._url = url
        self._interval_s = 1 / inputs_per_s
        self._enough = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.inputs: list[Input] = []

    def __enter__(self) -> Self:
        self._telemetry.start()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._enough.set()
        self._thread.join()
        self._telemetry.close()

    def answers(self) -> Counter[int | None]:
        """How many inputs had which status."""
        return Counter(entered.status for entered in self.inputs)

    async def _run(self) -> None:
        unlimited = httpx.Limits(max_connections=None, keepalive_expiry=2)
        transport = TracedAsyncTransport(self._telemetry, httpx.AsyncHTTPTransport(limits=unlimited))
        clock = asyncio.get_running_loop().time
        began_s = clock()
        async with (
            httpx.AsyncClient(base_url=self._url, transport=transport, timeout=PATIENCE_S) as client,
            asyncio.TaskGroup() as inputs,
        ):
            sent = 0
            while not self._enough.is_set():
                inputs.create_task(self._enter(client))
                sent += 1
                await asyncio.sleep(max(0.0, began_s + sent * self._interval_s - clock()))

    async def _enter(self, client: httpx.AsyncClient) -> None:
        with self._telemetry.span("input"):
            operation_id = current_operation_id()
            assert operation_id
            try:
                status = (await client.post("/values", json={"value": "4"})).status_code
            except httpx.HTTPError:
                status = None
            self.inputs.append(Input(operation_id, status))
