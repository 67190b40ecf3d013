"""Spans and log records as Application Insights envelopes."""
