"""Fixtures for the tests of the shared service package."""

from support.telemetry_fixtures import no_context_left_over, recorded

__all__ = ["no_context_left_over", "recorded"]
