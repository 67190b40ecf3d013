"""A frontend whose neighbours are functions of the test."""

from collections.abc import AsyncIterator

import httpx
import pytest

from frontend.main import create_app
from frontend.settings import FrontendSettings
from support.fake_backends import Neighbours
from support.recorded_telemetry import Recorded
from support.running_app import running


@pytest.fixture
def neighbours() -> Neighbours:
    return Neighbours()


@pytest.fixture
def recorded() -> Recorded:
    return Recorded("frontend")


@pytest.fixture
async def client(
    anyio_backend: str,  # noqa: ARG001 - tells anyio to run this fixture
    neighbours: Neighbours,
    recorded: Recorded,
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(FrontendSettings(), recorded.telemetry, httpx.MockTransport(neighbours))
    async with running(app) as client:
        yield client
