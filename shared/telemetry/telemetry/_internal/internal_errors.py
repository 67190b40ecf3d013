"""Errors of the library: they are logged and do not reach the application; under pytest they are raised."""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress

logger = logging.getLogger(__name__)


def log_internal_error(activity: str) -> None:
    """Log the exception that is being handled, or raise it again in a test.

    Args:
        activity: The activity that failed, for the message: "starting", "exporting a span".

    Raises:
        Exception: The exception that is being handled, when pytest runs a test: a test must not hide such an error.
    """
    if "PYTEST_CURRENT_TEST" in os.environ:
        raise  # noqa: PLE0704, the caller is in its except block
    with suppress(Exception):  # a handler can fail to format an exception of the application
        logger.exception(  # noqa: LOG004, the caller is in its except block
            "Telemetry failed while %s; the application continues without it", activity
        )


def warn_of_invalid_value(message: str) -> None:
    """Log that the application passed a value that cannot be recorded, or raise it in a test.

    Raises:
        ValueError: pytest runs a test: a test must not hide such a value.
    """
    if "PYTEST_CURRENT_TEST" in os.environ:
        raise ValueError(message)
    logger.warning(message)


@contextmanager
def handle_internal_errors(activity: str) -> Generator[None]:
    """Suppress and log the errors of a block of library code (`log_internal_error`)."""
    try:
        yield
    except Exception:  # noqa: BLE001, no error of the library may reach the application
        log_internal_error(activity)
