"""Sends every type of telemetry of OpenTelemetry for Python, and prints what it sent.

The argument is the exporter: `azure` (Azure's distribution) or `otlp` (OpenTelemetry's own protocol).
"""

import json
import logging
import sys

from opentelemetry import metrics, trace
from opentelemetry.trace import Span, SpanKind
from telemetry_by import set_up

METRICS = ["ot_hits", "ot_size", "ot_load"]
AVAILABILITY = {
    "microsoft.availability.id": "probe-1",
    "microsoft.availability.name": "ot probe",
    "microsoft.availability.duration": "00:00:00.250",
    "microsoft.availability.success": "true",
    "microsoft.availability.runLocation": "lab",
}
CALLS: dict[str, tuple[SpanKind, dict[str, str | int]]] = {
    "ot call": (
        SpanKind.CLIENT,
        {"http.request.method": "GET", "url.full": "http://stock:8001/items", "http.response.status_code": 200},
    ),
    "ot queue": (SpanKind.PRODUCER, {"messaging.system": "kafka", "messaging.destination": "orders"}),
    "ot in process": (SpanKind.INTERNAL, {}),
}


def span_id(span: Span) -> str:
    return f"{span.get_span_context().span_id:016x}"


def measure() -> None:
    meter = metrics.get_meter("shop")
    meter.create_counter("ot_hits").add(3, {"pool": "db"})
    meter.create_histogram("ot_size").record(5)
    meter.create_gauge("ot_load").set(0.5)


def main(exporter: str) -> None:
    finish = set_up(exporter, f"{exporter}-all")
    log = logging.getLogger("shop")
    log.setLevel(logging.INFO)
    measure()
    tracer = trace.get_tracer("shop")
    sent = []
    with tracer.start_as_current_span("ot request", kind=SpanKind.SERVER) as request:
        for name, (kind, attributes) in CALLS.items():
            with tracer.start_as_current_span(name, kind=kind, attributes=attributes) as child:
                sent.append({"item_type": "dependency", "id": span_id(child)})
        with tracer.start_as_current_span("ot consumed", kind=SpanKind.CONSUMER) as consumed:
            consumed.add_event("ot span event")
            consumed.record_exception(KeyError("ot span exception"))
        log.warning("ot message")
        try:
            int("ot")
        except ValueError:
            log.exception("ot exception")
        log.info("ot event", extra={"microsoft.custom_event.name": "ot event"})
        log.info("ot availability", extra=AVAILABILITY)
    sent += [
        {"item_type": "request", "id": span_id(request)},
        {"item_type": "request", "id": span_id(consumed)},
        {"item_type": "trace", "message": "ot span event", "parent_id": span_id(consumed)},
        {"item_type": "exception", "name": "KeyError", "parent_id": span_id(consumed)},
        {"item_type": "trace", "message": "ot message", "parent_id": span_id(request)},
        {"item_type": "exception", "name": "ValueError", "parent_id": span_id(request)},
        {"item_type": "customEvent", "name": "ot event", "parent_id": span_id(request)},
        {"item_type": "availabilityResult", "id": "probe-1", "name": "ot probe"},
    ]
    finish()
    operation_id = f"{request.get_span_context().trace_id:032x}"
    print(json.dumps({"operation_id": operation_id, "items": sent, "metrics": METRICS}))


if __name__ == "__main__":
    main(sys.argv[1])
