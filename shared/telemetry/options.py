"""What OpenCensus' exporters are told when they are made."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from telemetry.transport import Delivery

_VARIABLE = "APPLICATIONINSIGHTS_CONNECTION_STRING"


@contextmanager
def exporter_options(delivery: Delivery) -> Generator[dict[str, Any]]:
    """Options for the constructor of an exporter of OpenCensus, to be called inside the block.

    OpenCensus reads the connection string's variable even when it is told another, and fails for a trailing semicolon
    in it. It is hidden meanwhile: the settings have read it already, and more leniently.
    """
    hidden = os.environ.pop(_VARIABLE, None)
    try:
        yield {
            "connection_string": str(delivery.connection),
            "enable_local_storage": False,
            "export_interval": delivery.export_interval_s,
            "max_batch_size": delivery.max_batch_size,
            "queue_capacity": delivery.queue_capacity,
        }
    finally:
        if hidden is not None:
            os.environ[_VARIABLE] = hidden
