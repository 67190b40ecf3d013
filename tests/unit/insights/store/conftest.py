"""A store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_insights.store.duckdb.store import DuckDBStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    store = DuckDBStore(tmp_path)
    yield store
    store.close()
