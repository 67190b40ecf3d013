"""A service with OpenCensus: one request that calls the service at the URL in the argument. Prints the operation id."""

import json
import os
import sys
from urllib.request import Request, urlopen

from opencensus.ext.azure.trace_exporter import AzureExporter
from opencensus.trace.propagation.trace_context_http_header_format import TraceContextPropagator
from opencensus.trace.samplers import AlwaysOnSampler
from opencensus.trace.span import SpanKind
from opencensus.trace.tracer import Tracer


def main(url: str) -> None:
    exporter = AzureExporter(connection_string=os.environ["APPLICATIONINSIGHTS_CONNECTION_STRING"])
    exporter.add_telemetry_processor(lambda envelope: envelope.tags.update({"ai.cloud.role": "mesh-opencensus"}))
    tracer = Tracer(exporter=exporter, sampler=AlwaysOnSampler())
    with tracer.span("GET /") as request:
        request.span_kind = SpanKind.SERVER
        for name, value in (("http.method", "GET"), ("http.route", "/"), ("http.status_code", 200)):
            request.add_attribute(name, value)
        with tracer.span("GET /values") as call:
            call.span_kind = SpanKind.CLIENT
            for name, value in (("component", "HTTP"), ("http.method", "GET"), ("http.url", f"{url}/values")):
                call.add_attribute(name, value)
            headers = TraceContextPropagator().to_headers(tracer.span_context)
            with urlopen(Request(f"{url}/values", headers=headers), timeout=30) as response:  # noqa: S310 - on the loopback
                response.read()
    print(json.dumps({"operation_id": tracer.span_context.trace_id, "items": [], "metrics": []}))


if __name__ == "__main__":
    main(sys.argv[1])
