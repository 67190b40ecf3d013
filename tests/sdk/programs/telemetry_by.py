"""Configures OpenTelemetry with one of two exporters."""

import logging
from collections.abc import Callable

from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider, set_logger_provider
from opentelemetry.sdk.resources import Resource


def set_up(exporter: str, role: str) -> Callable[[], None]:
    """Configure the exporter for `role`; return a function that flushes and shuts down."""
    if exporter == "azure":
        _by_azure(role)
    else:
        _by_otlp(role)

    def finish() -> None:
        for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider()):
            provider.shutdown()  # type: ignore[union-attr] # the SDK's providers have it

    return finish


def _by_azure(role: str) -> None:
    from azure.monitor.opentelemetry import configure_azure_monitor  # noqa: PLC0415 - only one exporter is loaded

    configure_azure_monitor(
        resource=Resource.create({"service.name": role}),
        sampling_ratio=1.0,
        disable_offline_storage=True,
        enable_live_metrics=True,
        logger_name="shop",
    )


def _by_otlp(role: str) -> None:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler  # noqa: PLC0415
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": role})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource))
    loggers = LoggerProvider(resource=resource)
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    set_logger_provider(loggers)
    logging.getLogger("shop").addHandler(LoggingHandler(logger_provider=loggers))
