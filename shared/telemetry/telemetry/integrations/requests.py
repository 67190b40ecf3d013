"""requests: one client span per call, created by opencensus-ext-requests."""

from collections.abc import Callable
from typing import Any

import requests
from opencensus.ext.requests.trace import wrap_session_request
from opencensus.trace import execution_context

from telemetry._internal.core import Telemetry
from telemetry._internal.tracing.tracing import Span, current_tracer, record_error

__all__ = ["trace_requests", "untrace_requests"]

_Send = Callable[..., requests.Response]


def trace_requests(telemetry: Telemetry) -> None:
    """Trace every call of this process with requests, including sessions and prepared requests.

    May be called repeatedly; the last `telemetry` is used. The requests that export telemetry are not traced.
    """
    untrace_requests()
    send = requests.Session.send

    def traced_send(
        session: requests.Session,
        request: requests.PreparedRequest,
        **options: Any,  # noqa: ANN401
    ) -> requests.Response:
        return _send(telemetry, send, session, request, options)

    traced_send.untraced = send  # type: ignore[attr-defined]
    requests.Session.send = traced_send  # type: ignore[method-assign, assignment]


def untrace_requests() -> None:
    """Undo `trace_requests`."""
    requests.Session.send = getattr(requests.Session.send, "untraced", requests.Session.send)  # type: ignore[method-assign]


def _send(
    telemetry: Telemetry,
    send: _Send,
    session: requests.Session,
    request: requests.PreparedRequest,
    options: dict[str, Any],
) -> requests.Response:
    """Send a prepared request inside the span that opencensus-ext-requests creates.

    The extension wraps `Session.request`, which does not cover prepared requests, changes the caller's dictionary of
    headers, and propagates no context when there is no such dictionary. Here it is called with a new dictionary, whose
    headers are added to a copy of the prepared request. It records the password of a URL, which the span removes.
    """
    if execution_context.is_exporter() or _is_redirect(request):
        return send(session, request, **options)
    copy = request.copy()

    def send_with_context(method: str, url: str, headers: dict[str, str]) -> requests.Response:  # noqa: ARG001
        copy.headers.update(headers)
        try:
            return send(session, copy, **options)
        except requests.RequestException as error:
            span = execution_context.get_current_span()
            if isinstance(span, Span):
                record_error(span, error)
            raise

    with telemetry.operation():
        call = {"method": request.method or "", "url": request.url or "", "headers": {}}
        response: requests.Response = wrap_session_request(send_with_context, session, (), call)
        return response


def _is_redirect(request: requests.PreparedRequest) -> bool:
    """Return True when requests itself follows a redirect, inside a call that already has a span."""
    tracer = current_tracer()
    return tracer is not None and request.headers.get("traceparent") == tracer.headers()["traceparent"]
