"""Metrics: what was measured is aggregated where it happens, and sent once an interval."""
