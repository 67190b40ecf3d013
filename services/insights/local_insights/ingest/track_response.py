"""What a sender is told about a batch."""

import msgspec


class RejectedItemError(Exception):
    """An item that cannot be kept; the text says what was expected and what came."""


class ItemError(msgspec.Struct, rename="camel"):
    """Why the item at `index` of the batch was not kept."""

    index: int
    status_code: int
    message: str


class TrackResponse(msgspec.Struct, rename="camel"):
    """The body of every answer to a batch that could be looked at.

    SDKs drop what was received and not listed under `errors`; the exporter for Python takes a missing or non-empty list
    for a failure. `app_id` is what browsers correlate by.

    Reference:
        `EndpointSpecs/ENDPOINT-PROTOCOL.md` in microsoft/ApplicationInsights-Home.
    """

    items_received: int
    items_accepted: int
    errors: list[ItemError]
    app_id: str

    def add(self, other: "TrackResponse") -> None:
        """Go on with what was said about the next items of the same body."""
        self.errors += [ItemError(self.items_received + e.index, e.status_code, e.message) for e in other.errors]
        self.items_received += other.items_received
        self.items_accepted += other.items_accepted
        self.app_id = self.app_id or other.app_id

    @property
    def status_code(self) -> int:
        """200 when all was kept, 206 when some was, the first item's status when none was."""
        if not self.errors:
            return 200
        return 206 if self.items_accepted else self.errors[0].status_code
