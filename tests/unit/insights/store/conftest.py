"""The engines that the conformance suite runs on. A new engine joins with one line in `ENGINES`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_insights.model.time_range import ALL_TIME
from local_insights.store.contract import Store
from local_insights.store.duckdb.store import DuckDBStore
from local_insights.store.memory.store import MemoryStore

ENGINES: dict[str, Callable[[Path], Store]] = {
    "duckdb": DuckDBStore,
    "memory": lambda _: MemoryStore(),
}


@pytest.fixture(scope="session", params=ENGINES)
def open_store(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    """Opens a store of one engine in a directory."""
    return ENGINES[request.param]


@pytest.fixture(scope="session")
def reused_store(open_store: Callable[[Path], Store], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all tests of an engine: to open a store takes longer than a test."""
    store = open_store(tmp_path_factory.mktemp("store"))
    yield store
    store.close()


@pytest.fixture
def store(reused_store: Store) -> Iterator[Store]:
    """An empty store. A test that closes the store uses `own_store`."""
    yield reused_store
    reused_store.delete_before(ALL_TIME.end_us)
    assert reused_store.stats().items == 0


@pytest.fixture
def own_store(open_store: Callable[[Path], Store], tmp_path: Path) -> Iterator[Store]:
    """An empty store that no other test uses."""
    store = open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture(scope="module")
def shared_store(open_store: Callable[[Path], Store], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples of a property test, which store their items far apart in time."""
    store = open_store(tmp_path_factory.mktemp("store"))
    yield store
    store.close()
