"""A service with OpenTelemetry. It calls the next service, if there is one, for every request, and prints its URL.

Arguments: the exporter (`azure` or `otlp`), the role, the next service's URL. It exits when its input is closed.
"""

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from wsgiref.simple_server import WSGIRequestHandler, make_server

import requests
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from telemetry_by import set_up


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print no log."""


def main(exporter: str, role: str, next_url: str = "") -> None:
    finish = set_up(exporter, role)
    if not RequestsInstrumentor().is_instrumented_by_opentelemetry:
        RequestsInstrumentor().instrument()

    def serve(_: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
        logging.getLogger("shop").warning("request to %s", role)
        if next_url:
            requests.get(f"{next_url}/stock", timeout=30).raise_for_status()
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]

    server = make_server("127.0.0.1", 0, OpenTelemetryMiddleware(serve), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    sys.stdin.read()
    server.shutdown()
    finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
