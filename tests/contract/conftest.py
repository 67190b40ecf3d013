"""The server's application over a store of its own, with a client."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from local_insights.app import create_app
from local_insights.settings import Settings
from local_insights.store.duckdb.store import DuckDBStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    store = DuckDBStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def settings() -> Settings:
    """What the server runs with; tests that need other settings have a fixture of this name."""
    return Settings()


@pytest.fixture
def app(store: DuckDBStore, settings: Settings) -> Starlette:
    return create_app(settings, store)


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
