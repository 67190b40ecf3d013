"""Pipelined requests (sent without waiting for responses), behind real HTTP servers."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
import uvicorn
from fastapi import FastAPI

from support.polling import eventually
from support.recorded_telemetry import Recorded
from telemetry.integrations.fastapi import trace_app

REQUEST = b"GET /values/%d HTTP/1.1\r\nHost: tested\r\n\r\n"
COUNT = 5


@contextmanager
def served(app: FastAPI, http: Literal["h11", "httptools"]) -> Iterator[int]:
    """Run the application with uvicorn in a thread; yield the port."""
    server = uvicorn.Server(uvicorn.Config(app, http=http, log_config=None))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_pipelined_requests_are_separate_operations(http: Literal["h11", "httptools"]) -> None:
    recorded = Recorded("tested")
    app = FastAPI()

    @app.get("/values/{value}")
    async def value(value: int) -> int:
        with recorded.telemetry.span(f"work {value}"):
            await asyncio.sleep(0.001)
        return value

    trace_app(app, recorded.telemetry)
    with served(app, http) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"".join(REQUEST % number for number in range(COUNT)))
        eventually(lambda: len(recorded.spans.spans) == 2 * COUNT)

    requests = [span for span in recorded.spans.spans if span.name.startswith("GET")]
    work = [span for span in recorded.spans.spans if span.name.startswith("work")]
    assert [span.parent_span_id for span in requests] == [None] * COUNT
    assert len({span.context.trace_id for span in requests}) == COUNT
    assert [span.parent_span_id for span in work] == [request.span_id for request in requests]
