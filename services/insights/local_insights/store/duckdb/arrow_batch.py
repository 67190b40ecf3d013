"""Items as an Arrow relation that DuckDB reads."""

from collections.abc import Iterable, Sequence
from typing import get_type_hints

from arro3.core import Array, DataType, Field, Schema, Table

from local_insights.model.item import Item


class ArrowBatch:
    """The relation that the prepared statement reads. The object stays the same; its items change.

    Reference:
        "The Arrow PyCapsule Interface", Apache Arrow: the protocol by which DuckDB reads Python objects.
    """

    def __init__(self) -> None:
        types = {str: DataType.utf8(), int: DataType.int64(), float: DataType.float64(), bool: DataType.bool()}
        self._types = [
            next(arrow for python, arrow in types.items() if hint in (python, python | None))
            for hint in get_type_hints(Item).values()
        ]
        self._schema = Schema([Field(name, type_) for name, type_ in zip(Item._fields, self._types, strict=True)])
        self.clear()

    def fill(self, items: Sequence[Item]) -> None:
        """Set the items. There must be at least one."""
        self._set_columns(zip(*items, strict=True))

    def clear(self) -> None:
        """Remove all items."""
        self._set_columns(() for _ in self._types)

    def _set_columns(self, columns: Iterable[tuple[object, ...]]) -> None:
        arrays = [Array(column, type_) for column, type_ in zip(columns, self._types, strict=True)]
        self._table = Table.from_arrays(arrays, schema=self._schema)

    def __arrow_c_schema__(self) -> object:
        return self._schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)
