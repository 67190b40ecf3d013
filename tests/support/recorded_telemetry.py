"""Telemetry that is kept in memory, for tests of services that are traced."""

import time

from telemetry.testing import RandomIdGenerator, RecordedTelemetry


class Recorded(RecordedTelemetry):
    """One service's telemetry, with the ids and the clock that it has in production."""

    def __init__(self, role: str) -> None:
        super().__init__(role, id_generator=RandomIdGenerator(), clock=time)
