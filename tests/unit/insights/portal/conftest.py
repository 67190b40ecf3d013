from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from local_insights.portal.routes import portal_routes
from support.fake_store import FakeStore, stocked_store
from support.portal_pages import Portal

NOW = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def store() -> FakeStore:
    return stocked_store(round(NOW.timestamp() * 1_000_000))


@pytest.fixture
def get(store: FakeStore) -> Callable[..., Any]:
    """Return a function that requests one address of the portal with the stocked store."""
    return Portal(Starlette(routes=portal_routes(store, lambda: NOW))).get
