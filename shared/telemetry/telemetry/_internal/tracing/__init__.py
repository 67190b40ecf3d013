"""Tracers, spans, sampling, and the propagation of trace context."""
