"""The storage engine on DuckDB."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from local_insights.model.item import Item
from local_insights.model.summaries import StoreStats
from local_insights.store.contract import Store, StoreUnavailableError
from local_insights.store.duckdb.database import Database
from local_insights.store.duckdb.disk_space import DiskSpace, log_bytes, temporary_bytes
from local_insights.store.duckdb.duplicates import DuplicateRemover
from local_insights.store.duckdb.errors import is_committed
from local_insights.store.duckdb.executor import QueryExecutor
from local_insights.store.duckdb.insert import Inserter
from local_insights.store.duckdb.retention import Cleaner
from local_insights.store.duckdb.writer import GroupWriter
from local_insights.store.identity import AppendedItems, RequestItems
from local_insights.store.sql.item_queries import ItemQueries
from local_insights.store.sql.map_queries import MapQueries
from local_insights.store.sql.queries import Row
from local_insights.store.sql.search_queries import SearchQueries
from local_insights.store.sql.selection_queries import SelectionQueries
from local_insights.store.sql.transaction_queries import TransactionQueries

_log = logging.getLogger(__name__)


class DuckDBStore(MapQueries, SelectionQueries, TransactionQueries, SearchQueries, ItemQueries, Store):
    """A durable store in one DuckDB file, for one process.

    Args:
        directory: the directory of the file; created if it is missing.
        memory_limit_mb: the memory limit of DuckDB, in MB.
        time_limit_s: the time limit of a query, in seconds.
        max_bytes: the size limit of file and log; None: no limit. When old items are not deleted in time, `append`
            rejects new ones.

    Raises:
        StoreError: the file cannot be opened. The text names the remedy.
    """

    def __init__(
        self,
        directory: Path,
        *,
        memory_limit_mb: int = 512,
        time_limit_s: float = 10.0,
        max_bytes: int | None = None,
    ) -> None:
        self._database = Database(
            directory,
            memory_limit_mb,
            log_bytes=log_bytes(max_bytes),
            temporary_bytes=temporary_bytes(max_bytes),
        )
        self._space = DiskSpace(self._database, max_bytes)
        self._cleaner = Cleaner(self._database, self._space)
        self._executor = QueryExecutor(self._database, time_limit_s)
        self._duplicates = DuplicateRemover()
        self._inserter = Inserter()
        self._writer = GroupWriter(self._commit)

    @property
    def is_durable(self) -> bool:
        return True

    def execute(self, statement: str, parameters: Mapping[str, object]) -> list[Row]:
        return self._executor.execute(statement, parameters)

    async def append(self, items: Sequence[Item], request: RequestItems | None = None) -> Sequence[Item]:
        return await self._writer.write(AppendedItems(items, request)) if items else items

    def require_ready(self) -> None:
        self._writer.require_open()
        self._database.require_file()
        self._database.require_space()
        self._space.require_space()

    def stats(self) -> StoreStats:
        self._database.require_file()
        return super().stats()

    def used_bytes(self) -> int:
        return self._space.used_bytes()

    def delete_before(self, time_us: int) -> int:
        self._database.require_file()
        return self._cleaner.delete_before(time_us)

    def delete_excess(self, max_bytes: int, now_us: int) -> int:
        self._database.require_file()
        return self._cleaner.delete_excess(max_bytes, now_us)

    def close(self) -> None:
        self._writer.close()
        self._database.close()

    def _commit(self, group: Sequence[AppendedItems]) -> list[Sequence[Item]]:
        """Store all new items or none. Return those of each call. Runs in the writer thread.

        Raises:
            StoreUnavailableError: the items are not stored durably.
        """
        if not self._database.is_open:
            self._database.reopen()
        self._database.require_file()
        self._space.require_space()
        new: list[Sequence[Item]] = []
        try:
            with self._database.cursor("insert") as cursor:
                new = self._duplicates.new_items(cursor, group)
                if items := [item for part in new for item in part]:
                    self._inserter.insert(cursor, items)
            self._database.restore_log()
        except duckdb.Error as error:
            if is_committed(error):
                self._continue_after_failed_checkpoint(error)
            else:
                self._database.reopen()
                message = f"write failed, disk probably full: {error}"
                raise StoreUnavailableError(message) from error
        self._database.require_file()  # the commit is durable only if the file has not been removed since
        for appended, part in zip(group, new, strict=True):
            appended.record(part)
        return new

    def _continue_after_failed_checkpoint(self, error: duckdb.Error) -> None:
        """Reopen the file. Its log contains the committed items; if reopening fails, the next commit tries again."""
        _log.warning("items were stored, but the checkpoint failed, disk probably full: %s", error)
        with suppress(StoreUnavailableError):
            self._database.reopen()
