"""The base class of the query classes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from local_insights.model.time_range import TimeRange

Row = tuple[Any, ...]


class SqlQueries(ABC):
    """Queries in SQL. The engine implements `execute`."""

    @abstractmethod
    def execute(self, statement: str, parameters: Mapping[str, object]) -> list[Row]:
        """Run a statement that reads, and return all rows.

        Parameters are named (`$name` in the statement). Calls may run concurrently, in several threads.

        Raises:
            QueryTimeoutError: the statement exceeded the time or memory limit.
            QueryFailedError: the engine could not execute the statement.
            StoreUnavailableError: the store is closed, or reopens after a failed write.
        """


def range_parameters(time_range: TimeRange) -> dict[str, object]:
    """Return the parameters that a time range has in every statement."""
    return {"start_us": time_range.start_us, "end_us": time_range.end_us}
