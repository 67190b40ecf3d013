"""A fake ingestion endpoint: an HTTP server on the loopback interface that stores received telemetry."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "11111111-2222-3333-4444-555555555555"
FakeResponse = tuple[int, dict[str, str], bytes]
ACCEPTED: FakeResponse = (200, {}, b'{"itemsReceived": 1, "itemsAccepted": 1, "errors": []}')


@dataclass
class Ingestion:
    """The received telemetry, and the responses of the endpoint: `respond` is called for every POST."""

    port: int = 0
    respond: Callable[[list[dict[str, Any]]], FakeResponse] = lambda _envelopes: ACCEPTED
    posts: list[list[dict[str, Any]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0
    bytes_received: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def connection_string(self) -> str:
        return f"InstrumentationKey={KEY};IngestionEndpoint={self.url}"

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        return [envelope for post in self.posts for envelope in post]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """Received metrics, each with its `properties`."""
        data = (envelope["data"]["baseData"] for envelope in self.envelopes)
        return [point | {"properties": item["properties"]} for item in data for point in item.get("metrics", ())]

    @property
    def names(self) -> list[str]:
        """Names of requests, dependencies and events, messages of logs, types of exceptions; without metrics."""
        found = []
        for envelope in self.envelopes:
            data = envelope["data"]["baseData"]
            if "metrics" in data:
                continue
            found.append(data.get("name") or data.get("message") or data["exceptions"][0]["typeName"])
        return found


@contextmanager
def ingestion_server(port: int = 0) -> Iterator[Ingestion]:
    """Run the endpoint within a block. Its connections are closed at the end of the block."""
    ingestion = Ingestion()
    handlers: set[BaseHTTPRequestHandler] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            ingestion.connections += 1
            handlers.add(self)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ingestion.bytes_received += len(body)
            envelopes = json.loads(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            status, headers, body = ingestion.respond(envelopes)
            ingestion.paths.append(self.path)
            if status in {200, 206}:
                ingestion.posts.append(envelopes)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Print no log."""

    class Server(ThreadingHTTPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_args: object) -> None:
            """Ignore errors: in some tests, the client disconnects."""

    server = Server(("127.0.0.1", port), Handler)
    ingestion.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield ingestion
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for handler in handlers:
            handler.connection.close()


def free_port() -> int:
    """Return a port on which no process listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
