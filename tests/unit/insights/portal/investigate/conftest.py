"""A shop's hour of telemetry in a real store, with the portal around it."""

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
    """Each item stands for three: every figure has to be weighted."""
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
    """The portal of the shop, asked one question at a time, when its hour is over."""
    return Portal(Starlette(routes=portal_routes(shop_store, lambda: NOW))).get


@pytest.fixture
def get_empty(tmp_path: object) -> Iterator[Callable[[str], PageResponse]]:
    """The portal of a store that nothing was ever sent to."""
    store = DuckDBStore(tmp_path)  # type: ignore[arg-type]
    yield Portal(Starlette(routes=portal_routes(store, lambda: NOW))).get
    store.close()
