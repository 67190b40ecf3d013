"""The rules by which telemetry is accepted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IngestPolicy:
    """The telemetry that a server accepts."""

    app_name: str
    """The role of items without a role name."""
    allowed_keys: frozenset[str] = frozenset()
    """Accepted instrumentation keys, in lower case; empty accepts any key."""
    keep_sdk_statistics: bool = False
    """Store the statistics that SDKs send about themselves, and the calls that they make for themselves."""

    def allows(self, instrumentation_key: str) -> bool:
        """Return whether telemetry with this instrumentation key is accepted."""
        return not self.allowed_keys or instrumentation_key.lower() in self.allowed_keys
