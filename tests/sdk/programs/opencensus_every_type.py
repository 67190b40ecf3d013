"""Sends every type of telemetry of opencensus-ext-azure, and prints what it sent. Exporters flush at exit."""

import json
import logging
import os
from typing import Any

from opencensus.ext.azure import metrics_exporter
from opencensus.ext.azure.log_exporter import AzureEventHandler, AzureLogHandler
from opencensus.ext.azure.trace_exporter import AzureExporter
from opencensus.stats import aggregation, measure, stats, view
from opencensus.tags.tag_map import TagMap
from opencensus.trace.samplers import AlwaysOnSampler
from opencensus.trace.span import SpanKind
from opencensus.trace.tracer import Tracer

CONNECTION = {"connection_string": os.environ["APPLICATIONINSIGHTS_CONNECTION_STRING"], "enable_local_storage": False}
METRICS = ["oc_values", r"\Memory\Available Bytes", r"\Process(??APP_WIN32_PROC??)\Private Bytes"]


def name_role(envelope: Any) -> None:  # noqa: ANN401 - OpenCensus has no types
    envelope.tags["ai.cloud.role"] = "oc-all"


def logger(name: str, handler: Any) -> logging.Logger:  # noqa: ANN401 - as above
    made = logging.getLogger(name)
    made.setLevel(logging.INFO)
    made.propagate = False
    handler.add_telemetry_processor(name_role)
    made.addHandler(handler)
    return made


def count_one() -> None:
    exporter = metrics_exporter.new_metrics_exporter(**CONNECTION, enable_standard_metrics=True)
    exporter.add_telemetry_processor(name_role)
    counted = measure.MeasureInt("oc_values", "", "1")
    stats.stats.view_manager.register_exporter(exporter)
    stats.stats.view_manager.register_view(view.View("oc_values", "", [], counted, aggregation.CountAggregation()))
    measurements = stats.stats.stats_recorder.new_measurement_map()
    measurements.measure_int_put(counted, 1)
    measurements.record(TagMap())


def main() -> None:
    exporter = AzureExporter(**CONNECTION)
    exporter.add_telemetry_processor(name_role)
    tracer = Tracer(exporter=exporter, sampler=AlwaysOnSampler())
    logs = logger("shop", AzureLogHandler(**CONNECTION))
    events = logger("shop.events", AzureEventHandler(**CONNECTION))
    count_one()
    with tracer.span("oc request") as request:
        request.span_kind = SpanKind.SERVER
        with tracer.span("oc call") as call:
            call.span_kind = SpanKind.CLIENT
            call.add_attribute("component", "HTTP")
            call.add_attribute("http.url", "http://stock:8001/items")
        with tracer.span("oc in process") as inner:
            pass
        within = {"traceId": tracer.span_context.trace_id, "spanId": request.span_id}
        logs.warning("oc message", extra=within)
        try:
            int("oc")
        except ValueError:
            logs.exception("oc exception", extra=within)
        events.info("oc event", extra=within)
    logs.warning("oc message outside of any operation")
    sent = [
        {"item_type": "request", "id": request.span_id},
        {"item_type": "dependency", "id": call.span_id, "parent_id": request.span_id},
        {"item_type": "dependency", "id": inner.span_id, "parent_id": request.span_id},
        {"item_type": "trace", "message": "oc message", "parent_id": request.span_id},
        {"item_type": "exception", "name": "ValueError", "parent_id": request.span_id},
        {"item_type": "customEvent", "name": "oc event", "parent_id": request.span_id},
        {"item_type": "trace", "message": "oc message outside of any operation", "operation_id": None},
    ]
    print(json.dumps({"operation_id": tracer.span_context.trace_id, "items": sent, "metrics": METRICS}))


if __name__ == "__main__":
    main()
