"""One hour of telemetry of a shop in a real store, and its portal."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import anyio
import pytest
from starlette.applications import Starlette

from benchmarks.sample_telemetry import shop_items
from local_insights.model.item import Item
from local_insights.model.time_range import TimeRange
from local_insights.portal.routes import portal_routes
from local_insights.store.duckdb.store import DuckDBStore
from support.portal_pages import PageResponse, Portal

NOW = datetime(2026, 1, 31, 14, 0, tzinfo=UTC)
NOW_US = round(NOW.timestamp() * 1_000_000)
HOUR = TimeRange(NOW_US - 3_600_000_000, NOW_US)


@pytest.fixture(scope="session")
def shop() -> list[Item]:
    """Return items that represent three events each, so that every number must be weighted."""
    return list(shop_items(HOUR, operations=400, item_count=3))


@pytest.fixture(scope="session")
def shop_store(shop: list[Item], tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBStore]:
    store = DuckDBStore(tmp_path_factory.mktemp("shop"))
    anyio.run(store.append, shop)
    yield store
    store.close()


@pytest.fixture
def hour() -> TimeRange:
    return HOUR


@pytest.fixture
def get(shop_store: DuckDBStore) -> Callable[[str], PageResponse]:
    """Return a function that requests one address of the portal at the end of the hour."""
    return Portal(Starlette(routes=portal_routes(shop_store, lambda: NOW))).get


@pytest.fixture
def get_empty(tmp_path: object) -> Iterator[Callable[[str], PageResponse]]:
    """Return a function that requests one address of the portal of an empty store."""
    store = DuckDBStore(tmp_path)  # type: ignore[arg-type]
    yield Portal(Starlette(routes=portal_routes(store, lambda: NOW))).get
    store.close()
