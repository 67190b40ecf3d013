"""Rectangles and overlap tests."""

from collections.abc import Iterator
from typing import NamedTuple

_CELL = 40


class Box(NamedTuple):
    """An axis-parallel rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Return True if the rectangles overlap; touching edges do not count."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def contains(self, x: float, y: float) -> bool:
        """Return True if the point is inside."""
        return self.left < x < self.right and self.top < y < self.bottom

    def grown(self, by: float) -> "Box":
        """Return the rectangle with a margin on all sides."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield the cells of a coarse grid that the rectangle touches."""
        for column in range(int(self.left // _CELL), int(self.right // _CELL) + 1):
            for row in range(int(self.top // _CELL), int(self.bottom // _CELL) + 1):
                yield column, row


def cell(x: float, y: float) -> tuple[int, int]:
    """Return the cell of the coarse grid that contains a point."""
    return int(x // _CELL), int(y // _CELL)


class BoxSet:
    """A set of rectangles with a fast overlap test."""

    def __init__(self) -> None:
        self._by_cell: dict[tuple[int, int], list[Box]] = {}

    def add(self, box: Box) -> None:
        """Add a rectangle."""
        for key in box.cells():
            self._by_cell.setdefault(key, []).append(box)

    def overlaps(self, box: Box) -> bool:
        """Return True if a rectangle of the set overlaps this one."""
        return any(box.overlaps(other) for key in box.cells() for other in self._by_cell.get(key, ()))
