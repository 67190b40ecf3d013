"""Third-party programs, run until they exit."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from running.errors import RunningError


def run(
    command: Sequence[str | Path],
    *,
    timeout_s: float = 120,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> str:
    """Run a command with `environment` added to that of this process, and return its output.

    It runs in `directory`, by default in the current one.

    Raises:
        RunningError: It cannot be started, exceeds the timeout, or fails; the text has the last lines of its output.
    """
    try:
        outcome = subprocess.run(  # noqa: S603 - callers pass fixed programs and options
            command,
            env=os.environ | (environment or {}),
            cwd=directory,
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
        printed = [line.strip() for line in outcome.stdout.splitlines() if line.strip()] or ["no output"]
        message = f"{command[0]} failed: {' / '.join(printed[-3:])}"
        raise RunningError(message)
    return outcome.stdout
