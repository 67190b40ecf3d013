"""`insights serve` as a process of its own, on a free port."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INSIGHTS = Path(sys.executable).with_name("insights")


@dataclass(frozen=True, slots=True)
class Insights:
    """A running server."""

    process: subprocess.Popen[str]
    url: str


@contextmanager
def running_insights(data: Path) -> Iterator[Insights]:
    """A server over the data directory, once it answers; killed at the end if it still runs."""
    process = subprocess.Popen(
        [INSIGHTS, "serve", "--port", "0", "--data", data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("Local Insights: http"), f"{said}{process.communicate(timeout=5)[1]}"
        yield Insights(process, said.removeprefix("Local Insights: ").strip().removesuffix("/map"))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)
