"""The result code and success of a span, for envelopes and metrics."""

from typing import Protocol

from opencensus.trace.status import Status

from telemetry._internal.formatting import safe_text

_FIRST_ERROR = 400


class EndedSpan(Protocol):
    """The part of a span, or of its SpanData, that determines its outcome."""

    @property
    def attributes(self) -> dict[str, object]:
        """The attributes of the span."""

    @property
    def status(self) -> Status:
        """The status that OpenCensus recorded."""


def outcome(span: EndedSpan) -> tuple[str, bool]:
    """Return the result code and the success of a span.

    A span with an HTTP status fails from 400 on; any other span fails when it has an error.

    Returns:
        The code (the HTTP status, the error's code, or a gRPC status code), and True for success.
    """
    attributes = span.attributes
    status = attributes.get("http.status_code")
    if type(status) is not int:
        status = _number(status)
    failed = status >= _FIRST_ERROR if status else span.status.code != 0
    code = status or attributes.get("error.code") or span.status.code
    return safe_text(code), not failed and "error.name" not in attributes


def _number(status: object) -> int:
    """Return the status code, which some integrations record as text; 0 when there is none."""
    try:
        return int(status or 0)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0
