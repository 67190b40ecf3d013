"""A frontend with fake backends."""

from collections.abc import AsyncIterator

import httpx
import pytest

from frontend.main import create_app
from frontend.settings import FrontendSettings
from support.fake_backends import FakeBackends
from support.recorded_telemetry import Recorded
from support.running_app import running


@pytest.fixture
def backends() -> FakeBackends:
    return FakeBackends()


@pytest.fixture
def recorded() -> Recorded:
    return Recorded("frontend")


@pytest.fixture
async def client(
    anyio_backend: str,  # noqa: ARG001 - makes anyio run this fixture
    backends: FakeBackends,
    recorded: Recorded,
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(FrontendSettings(), recorded.telemetry, httpx.MockTransport(backends))
    async with running(app) as client:
        yield client
