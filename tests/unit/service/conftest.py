"""Fixtures of the tests of what services share."""

from support.telemetry_fixtures import no_context_left_over, recorded

__all__ = ["no_context_left_over", "recorded"]
