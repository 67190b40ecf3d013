"""Fixtures for tests of code that records telemetry."""

from collections.abc import Iterator

import pytest
from opencensus.trace import execution_context

from support.recorded_telemetry import Recorded


@pytest.fixture(autouse=True)
def no_context_left_over() -> Iterator[None]:
    """Start every test outside any operation, and assert that it leaves no span behind."""
    execution_context.clean()
    yield
    assert execution_context.get_current_span() is None


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """Return the started telemetry of a role and its records."""
    recorded = Recorded("tested")
    with recorded.telemetry:
        yield recorded
