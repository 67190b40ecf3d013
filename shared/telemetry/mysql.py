"""MySQL: one client span a statement, made by opencensus-ext-mysql on mysql-connector-python."""

from typing import Any

from telemetry.core import Telemetry


def traced_pool(telemetry: Telemetry, **pool_arguments: Any) -> Any:
    """Make a connection pool whose connections trace their statements."""
    raise NotImplementedError
