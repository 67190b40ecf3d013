"""Inputs at a steady rate from a client that costs little: the mesh shall have the machine."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from benchmarks.tracing.http_load import HEAD_END, content_length

_BODY = b'{"value":"4"}'


@dataclass(slots=True)
class Inputs:
    """What came back: the answer's status by operation id, and how long the answers took."""

    statuses: dict[str, int] = field(default_factory=dict)
    latencies_s: list[float] = field(default_factory=list)
    latest_s: float = 0.0
    """By how much the slowest input left later than it was due."""
    refused: int = 0
    """Connections that the frontend closed or did not take: inputs without an answer."""


async def send_inputs(url: str, inputs: Inputs, rate: float, connections: int, duration_s: float) -> None:
    """Send inputs for `duration_s` seconds, `rate` a second in all.

    The pace is kept as long as no more than `connections` answers are awaited at a time; inputs that are late because
    of that are sent all the same.
    """
    began = time.monotonic()
    interval_s = connections / rate
    await asyncio.gather(
        *(
            _send(url, inputs, began + interval_s * number / connections, interval_s, began + duration_s)
            for number in range(connections)
        )
    )


async def _send(url: str, inputs: Inputs, due: float, interval_s: float, until: float) -> None:
    """Send the inputs of one connection; it is made anew when it breaks."""
    netloc = urlsplit(url).netloc
    request = f"POST /values HTTP/1.1\r\nHost: {netloc}\r\nContent-Type: application/json\r\n".encode()
    request += b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
    host, _, port = netloc.partition(":")
    streams = None
    while due < until:
        await asyncio.sleep(due - time.monotonic())
        inputs.latest_s = max(inputs.latest_s, time.monotonic() - due)
        due += interval_s
        try:
            streams = streams or await asyncio.open_connection(host, int(port))
            await _enter(*streams, request, inputs)
        except (OSError, asyncio.IncompleteReadError):
            inputs.refused += 1
            streams = None
    if streams:
        streams[1].close()


async def _enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, inputs: Inputs) -> None:
    sent = time.monotonic()
    writer.write(request)
    head = await reader.readuntil(HEAD_END)
    answer = json.loads(await reader.readexactly(content_length(head)))
    inputs.latencies_s.append(time.monotonic() - sent)
    inputs.statuses[answer["operation_id"]] = HTTPStatus(int(head.split(b" ", 2)[1]))
