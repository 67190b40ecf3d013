"""The OpenTelemetry protocol (OTLP): spans, logs and metrics become the envelopes that Azure's exporters send."""
