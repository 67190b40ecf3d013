"""Recognition of items that a client sends again.

A client that receives no response to a request, or status 503, sends its items again, also in other groups. Some of
them may be stored.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from local_insights.model.item import Item

Identity = tuple[object, ...]


def identity(item: Item) -> Identity:
    """Return the value that an item and its copies have in common.

    With an id it is operation, id, type, role and time; without an id it is all fields.
    """
    return (item.time_us, item.item_type, item.role, item.operation_id, item.id) if item.id else item


@dataclass(slots=True, eq=False)
class RequestItems:
    """The items without an id that one request has stored, for a request whose items are stored in several calls."""

    has_more: bool = True
    """False for the last call: its items are not recorded."""
    hashes: "array[int]" = field(default_factory=partial(array, "q"))
    """Hashes of the items, in 8 bytes each."""


@dataclass(frozen=True, slots=True, eq=False)
class AppendedItems:
    """The arguments of one call of `ItemWriter.append`."""

    items: Sequence[Item]
    request: RequestItems | None = None

    def new_items(self, stored: set[Identity]) -> Sequence[Item]:
        """Return the items that are not stored yet.

        An item with an id is stored once. Items without an id may be equal within one request, because an application
        can log the same text twice within the resolution of its clock: only items of an earlier request are copies.

        Args:
            stored: the identities of stored items. Those of the returned items are added to it.
        """
        identities = [identity(item) for item in self.items]
        own: set[int] = set()
        if self.request and not stored.isdisjoint(identities):
            own = set(self.request.hashes)
        new: list[Item] = []
        added: set[Identity] = set()
        for item, key in zip(self.items, identities, strict=True):
            is_copy = key in stored or key in added if item.id else key in stored and hash(item) not in own
            if not is_copy:
                added.add(key)
                new.append(item)
        stored |= added
        return self.items if len(new) == len(self.items) else new

    def record(self, stored: Sequence[Item]) -> None:
        """Record the items that were stored, for the next call for the same request."""
        if self.request and self.request.has_more:
            self.request.hashes.extend(hash(item) for item in stored if not item.id)
