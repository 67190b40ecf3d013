"""Fixtures of all suites."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on the event loop that the services run on."""
    return "asyncio"
