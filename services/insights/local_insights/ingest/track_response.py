"""The response to a batch of telemetry."""

import msgspec


class RejectedItemError(Exception):
    """An item that cannot be stored. The text states what was expected and what was received."""


class ItemError(msgspec.Struct, rename="camel"):
    """The reason why the item at `index` of the batch was rejected."""

    index: int
    status_code: int
    message: str


class TrackResponse(msgspec.Struct, rename="camel"):
    """The body of the response to a batch that could be read.

    SDKs delete every item that was received and is not listed in `errors`. The exporter for Python treats a missing or
    non-empty list as a failure. Browsers use `app_id` to correlate requests.

    Reference:
        `EndpointSpecs/ENDPOINT-PROTOCOL.md` in microsoft/ApplicationInsights-Home.
    """

    items_received: int
    items_accepted: int
    errors: list[ItemError]
    app_id: str

    def add(self, other: "TrackResponse") -> None:
        """Append the response to the next items of the same body."""
        self.errors += [ItemError(self.items_received + e.index, e.status_code, e.message) for e in other.errors]
        self.items_received += other.items_received
        self.items_accepted += other.items_accepted
        self.app_id = self.app_id or other.app_id

    @property
    def status_code(self) -> int:
        """200 when all items were accepted, 206 when some were, the first error's status when none was."""
        if not self.errors:
            return 200
        return 206 if self.items_accepted else self.errors[0].status_code
