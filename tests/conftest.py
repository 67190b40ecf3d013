"""Fixtures and settings of all suites."""

import hypothesis
import pytest

pytest.register_assert_rewrite("support")
# A deadline per example would fail on a busy machine. The timeout of pytest ends a test that hangs.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the services do."""
    return "asyncio"
