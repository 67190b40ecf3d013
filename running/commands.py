"""Other people's programs, run to their end."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from running.errors import RunningError


def run(command: Sequence[str | Path], *, timeout_s: float = 120, environment: Mapping[str, str] | None = None) -> str:
    """Run a command, with `environment` on top of ours, and return what it printed.

    Raises:
        RunningError: it cannot be started, takes too long, or fails; the text has the last of what it said.
    """
    try:
        outcome = subprocess.run(  # noqa: S603 - callers pass programs and options of their own
            command,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout_s,
        )
    except OSError as error:
        message = f"{command[0]} cannot be started: {error.strerror}"
        raise RunningError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"{command[0]} did not finish within {timeout_s:.0f} s"
        raise RunningError(message) from error
    if outcome.returncode:
        said = [line.strip() for line in outcome.stdout.splitlines() if line.strip()] or ["it gave no reason"]
        message = f"{command[0]} failed: {' / '.join(said[-3:])}"
        raise RunningError(message)
    return outcome.stdout
