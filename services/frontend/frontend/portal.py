"""What a client is shown of a stored value: the value, and where to see how it got there."""

from dataclasses import dataclass

from pydantic import AnyHttpUrl

from frontend.mesh import StoredValue


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A stored value with the way to its transaction."""

    id: int
    value: str
    operation_id: str | None
    """The operation (trace) that stored it, 32 hexadecimal digits; None when that was not traced."""
    transaction_url: str | None
    """The operation's page in the portal; None without an operation or without a portal."""


class Portal:
    """The portal's addresses, as a browser reaches it."""

    def __init__(self, insights_url: AnyHttpUrl | None) -> None:
        self._base = None if insights_url is None else str(insights_url).rstrip("/")

    @property
    def map_url(self) -> str | None:
        """The Application Map, or None when there is no portal to link to."""
        return None if self._base is None else f"{self._base}/map"

    def transaction_url(self, operation_id: str | None) -> str | None:
        """The page of one operation, or None when there is no portal or no operation."""
        if self._base is None or operation_id is None:
            return None
        return f"{self._base}/transaction/{operation_id}"

    def show(self, stored: StoredValue) -> ShownValue:
        """Add the link to the operation that stored a value."""
        return ShownValue(stored.id, stored.value, stored.operation_id, self.transaction_url(stored.operation_id))
