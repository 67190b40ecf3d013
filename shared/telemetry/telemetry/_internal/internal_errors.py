"""Telemetry never breaks the application that it observes; in a test it fails loudly."""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager

logger = logging.getLogger(__name__)


def report_failure(doing: str) -> None:
    """Log the exception being handled, or raise it again when a test is running.

    Raises:
        Exception: The exception being handled, under pytest: a fault of the library must not pass unseen there.
    """
    if "PYTEST_CURRENT_TEST" in os.environ:
        raise  # noqa: PLE0704, the caller is in its except block
    logger.exception(  # noqa: LOG004, the caller is in its except block
        "Telemetry failed while %s; the application goes on without it", doing
    )


@contextmanager
def handle_internal_errors(doing: str) -> Generator[None]:
    """Keep a failure of the telemetry inside the block away from the application."""
    try:
        yield
    except Exception:  # noqa: BLE001, whatever it is, it is not the application's
        report_failure(doing)
