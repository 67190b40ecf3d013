"""Inputs at a steady rate from a traced client, so that an input without a response has a tree as well."""

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
TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Input:
    """The result of one input for its client."""

    operation_id: str
    status: int | None
    """None without a response: connection rejected, connection reset, or timeout."""


class SteadyLoad:
    """Send inputs during the block; afterwards `inputs` contains all of them with their results.

    Args:
        url: The address of the frontend.
        insights_url: The destination of the client's telemetry.
        inputs_per_s: The rate; slow responses do not reduce it.
        undelivered: A directory for telemetry that is not delivered yet.
    """

    def __init__(self, url: str, insights_url: str, inputs_per_s: float, undelivered: Path) -> None:
        connection = f"InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint={insights_url}"
        self._telemetry = Telemetry(TelemetrySettings(role=ROLE, connection_string=connection, storage_dir=undelivered))
        self._url = url
        self._interval_s = 1 / inputs_per_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.inputs: list[Input] = []

    def __enter__(self) -> Self:
        self._telemetry.start()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._telemetry.close()

    def statuses(self) -> Counter[int | None]:
        """Return the number of inputs per status."""
        return Counter(entered.status for entered in self.inputs)

    async def _run(self) -> None:
        unlimited = httpx.Limits(max_connections=None, keepalive_expiry=2)
        transport = TracedAsyncTransport(self._telemetry, httpx.AsyncHTTPTransport(limits=unlimited))
        clock = asyncio.get_running_loop().time
        began_s = clock()
        async with (
            httpx.AsyncClient(base_url=self._url, transport=transport, timeout=TIMEOUT_S) as client,
            asyncio.TaskGroup() as inputs,
        ):
            sent = 0
            while not self._stop.is_set():
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
