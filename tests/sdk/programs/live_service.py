"""A service with Azure's distribution of OpenTelemetry: ten requests per second, each with a call; every fifth fails.

The argument is the role. It exits when its input is closed.
"""

import json
import logging
import sys
import threading
import time

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from telemetry_by import set_up

REQUEST_S = 0.02


def serve(number: int) -> None:
    is_failing = number % 5 == 0
    attributes = {"http.request.method": "GET", "url.path": "/live", "url.scheme": "http", "server.address": "shop"}
    tracer = trace.get_tracer("shop")
    with tracer.start_as_current_span("GET /live", kind=SpanKind.SERVER, attributes=attributes) as request:
        call: dict[str, str | int] = {
            "http.request.method": "GET",
            "url.full": "http://stock:8001/",
            "http.response.status_code": 200,
        }
        with tracer.start_as_current_span("GET", kind=SpanKind.CLIENT, attributes=call):
            time.sleep(REQUEST_S)
        request.set_attribute("http.response.status_code", 500 if is_failing else 200)
        if is_failing:
            request.set_status(Status(StatusCode.ERROR))
            logging.getLogger("shop").warning("live message")


def main(role: str) -> None:
    finish = set_up("azure", role)
    ended = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    print(json.dumps({"role": role}), flush=True)
    number = 0
    while not ended.wait(0.1 - REQUEST_S):
        number += 1
        serve(number)
    finish()


if __name__ == "__main__":
    main(sys.argv[1])
