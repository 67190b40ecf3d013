"""Fixtures for tests of code that records telemetry."""

from collections.abc import Iterator

import pytest
from opencensus.trace import execution_context

from support.recorded_telemetry import Recorded


@pytest.fixture(autouse=True)
def no_context_left_over() -> Iterator[None]:
    """Every test begins outside any operation, and must leave none behind."""
    execution_context.clean()
    yield
    assert execution_context.get_current_span() is None


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """The telemetry of a role, started, and what it records."""
    recorded = Recorded("tested")
    with recorded.telemetry:
        yield recorded
