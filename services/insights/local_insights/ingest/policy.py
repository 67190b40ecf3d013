"""What telemetry is taken in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IngestPolicy:
    """What a server takes in."""

    app_name: str
    """The role of items that name none."""
    allowed_keys: frozenset[str] = frozenset()
    """Instrumentation keys, in lower case, whose telemetry is taken; that of any application when there are none."""
    keep_sdk_statistics: bool = False
    """Whether to keep what SDKs report about themselves."""

    def allows(self, instrumentation_key: str) -> bool:
        """Whether an application may report here."""
        return not self.allowed_keys or instrumentation_key.lower() in self.allowed_keys
