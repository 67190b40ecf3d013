"""Envelopes of Application Insights for spans, log records, events and metrics."""
