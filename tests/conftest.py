"""Fixtures and settings of all suites."""

import hypothesis
import pytest

pytest.register_assert_rewrite("browser_pages")
# A deadline measures how busy the machine is. A test that hangs runs into pytest's own time limit.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on the event loop that the services run on."""
    return "asyncio"
