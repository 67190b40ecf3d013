"""Whether a span went well, and with which code: one rule for envelopes and metrics."""

from typing import Protocol

from opencensus.trace.status import Status

_FIRST_ERROR = 400


class Ended(Protocol):
    """What of a span, or of its SpanData, tells how it ended."""

    @property
    def attributes(self) -> dict[str, object]:
        """Facts about it."""

    @property
    def status(self) -> Status:
        """OpenCensus' own word for it."""


def outcome(span: Ended) -> tuple[str, bool]:
    """How the span ended: an HTTP status decides where there is one, from 400 on it is a failure; so is any error.

    Returns:
        The code (the HTTP status, the error's own, or a gRPC status code), and whether it went well.
    """
    attributes = span.attributes
    status = attributes.get("http.status_code")
    if type(status) is not int:
        status = _number(status)
    failed = status >= _FIRST_ERROR if status else span.status.code != 0
    code = status or attributes.get("error.code") or span.status.code
    return str(code), not failed and "error.name" not in attributes


def _number(status: object) -> int:
    """The status code, which some integrations keep as text; 0 when there is none."""
    try:
        return int(status or 0)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return 0
