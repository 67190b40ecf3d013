"""Stored values as clients see them: the value, and the link to its transaction."""

from dataclasses import dataclass

from pydantic import AnyHttpUrl

from frontend.backends import StoredValue


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A stored value with the link to its transaction."""

    id: int
    value: str
    operation_id: str | None
    """The operation (trace) that stored it, 32 hexadecimal digits; None if it was not traced."""
    transaction_url: str | None
    """The operation's page in the portal; None without an operation or without a portal."""


class PortalLinks:
    """Addresses in the portal, as a browser reaches it."""

    def __init__(self, insights_url: AnyHttpUrl | None) -> None:
        self._base = None if insights_url is None else str(insights_url).rstrip("/")

    @property
    def map_url(self) -> str | None:
        """The Application Map; None without a portal."""
        return None if self._base is None else f"{self._base}/map"

    def transaction_url(self, operation_id: str | None) -> str | None:
        """Return the page of one operation; None without a portal or an operation."""
        if self._base is None or operation_id is None:
            return None
        return f"{self._base}/transaction/{operation_id}"

    def show(self, stored: StoredValue) -> ShownValue:
        """Return a stored value with the link to the operation that stored it."""
        return ShownValue(stored.id, stored.value, stored.operation_id, self.transaction_url(stored.operation_id))
