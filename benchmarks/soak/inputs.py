"""Send inputs at a steady rate with a cheap client, which leaves the CPU to the mesh."""

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
    """Results: the status of the response by operation id, and the latencies."""

    statuses: dict[str, int] = field(default_factory=dict)
    latencies_s: list[float] = field(default_factory=list)
    latest_s: float = 0.0
    """The largest delay between the due time of an input and its departure."""
    without_response: int = 0
    """Inputs without a response: the frontend closed the connection or did not accept it."""


async def send_inputs(url: str, inputs: Inputs, rate: float, connections: int, duration_s: float) -> None:
    """Send inputs for `duration_s` seconds at a total of `rate` per second.

    At most `connections` inputs are in flight at a time; inputs that are late for this reason are still sent.
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
    """Send the inputs of one connection; reconnect when it breaks."""
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
            inputs.without_response += 1
            streams = None
    if streams:
        streams[1].close()


async def _enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, inputs: Inputs) -> None:
    sent = time.monotonic()
    writer.write(request)
    head = await reader.readuntil(HEAD_END)
    response = json.loads(await reader.readexactly(content_length(head)))
    inputs.latencies_s.append(time.monotonic() - sent)
    inputs.statuses[response["operation_id"]] = HTTPStatus(int(head.split(b" ", 2)[1]))
