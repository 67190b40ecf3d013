"""Insertion of items: column by column through Arrow, one transaction per call."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from local_insights.model.item import Item
from local_insights.store.sql.statements import read_sql

if TYPE_CHECKING:
    from local_insights.store.duckdb.arrow_batch import ArrowBatch

PREPARE = f"PREPARE insert_items AS {read_sql('insert_items', __package__)}"
EXECUTE = "EXECUTE insert_items"


class Inserter:
    """Inserts items with one statement, which is prepared once per cursor.

    Measured in groups of 1,600 items: 6.1 µs per item, including conversion, log and checkpoints. A statement planned
    for every group takes 8.3 µs, `executemany` 770 µs.
    """

    def __init__(self) -> None:
        self._batch: ArrowBatch | None = None
        self._prepared: duckdb.DuckDBPyConnection | None = None

    def insert(self, cursor: duckdb.DuckDBPyConnection, items: Sequence[Item]) -> None:
        """Insert and commit all items, or none: DuckDB commits a statement outside of a transaction by itself.

        Raises:
            duckdb.Error: no item was stored.
        """
        if self._batch is None:
            from local_insights.store.duckdb.arrow_batch import ArrowBatch  # noqa: PLC0415 (an idle server saves 4 MB)

            self._batch = ArrowBatch()
        if cursor is not self._prepared:
            cursor.register("batch", self._batch)
            cursor.execute(PREPARE)
            self._prepared = cursor
        self._batch.fill(items)
        try:
            cursor.execute(EXECUTE)
        finally:
            self._batch.clear()
