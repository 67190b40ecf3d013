"""Metrics: aggregation in the process, and a report per interval."""
