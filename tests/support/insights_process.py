"""Run `insights serve` as a separate process on a free port."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY = "4f0f3f2a-0000-4000-8000-000000000001"
INSIGHTS = Path(sys.executable).with_name("insights")


@dataclass(frozen=True, slots=True)
class Insights:
    """A running server."""

    process: subprocess.Popen[str]
    url: str
    data: Path
    tls_url: str = ""
    """Address of the TLS listener; empty without TLS."""

    @property
    def connection_string(self) -> str:
        """A connection string for SDKs."""
        return f"InstrumentationKey={KEY};IngestionEndpoint={self.url};LiveEndpoint={self.url}"


@contextmanager
def running_insights(data: Path, program: Path = INSIGHTS, **environment: str) -> Iterator[Insights]:
    """Start a server on a data directory and wait until it accepts requests. Kill it at the end if it still runs."""
    process = subprocess.Popen(
        [program, "serve", "--port", "0", "--data", data],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Local Insights: http"), f"{line}{process.communicate(timeout=5)[1]}"
        url = line.removeprefix("Local Insights: ").strip().removesuffix("/map")
        tls_url = ""
        if "INSIGHTS_TLS_PORT" in environment:
            process.stdout.readline()
            tls_url = process.stdout.readline().split()[1]
        yield Insights(process, url, data, tls_url)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)
