"""In-memory telemetry for tests of traced services."""

import time

from telemetry.testing import RandomIdGenerator, RecordedTelemetry


class Recorded(RecordedTelemetry):
    """The telemetry of one service, with random ids and the real clock, as in production."""

    def __init__(self, role: str) -> None:
        super().__init__(role, id_generator=RandomIdGenerator(), clock=time)
