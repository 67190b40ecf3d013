"""One process's telemetry: made once, started after the fork, closed before the exit."""

from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from telemetry.settings import TelemetrySettings


class Telemetry:
    """Spans and logs of one role, on their way to Application Insights."""

    def __init__(self, settings: TelemetrySettings, *, span_exporter: Any = None, log_exporter: Any = None) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Start exporting. Call it after a fork; it never waits for the network."""
        raise NotImplementedError

    def close(self, timeout_s: float = 5.0) -> None:
        """Send what is waiting, keep on disk what cannot be sent in time, and stop. Safe to repeat, from any thread."""
        raise NotImplementedError

    @contextmanager
    def span(self, name: str) -> Generator[Any]:
        """Trace a piece of work inside this process."""
        raise NotImplementedError
        yield

    def capture_logs(self, *logger_names: str) -> None:
        """Send what these loggers record, correlated with the span in which it was recorded."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def current_operation_id() -> str | None:
    """The trace id of the operation that this code runs in, 32 hexadecimal digits, or None outside any."""
    raise NotImplementedError
