"""Fixtures and settings of all suites."""

import gc

import hypothesis
import pytest

pytest.register_assert_rewrite("support")
# A deadline per example would fail on a busy machine. The timeout of pytest ends a test that hangs.
# `make pythons` runs the thorough profile.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=40)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=100)
hypothesis.settings.load_profile("quick")


def pytest_collection_finish() -> None:
    """Exclude the collected tests and modules from garbage collection: it would visit them hundreds of times."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the services do."""
    return "asyncio"
