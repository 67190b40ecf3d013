"""requests: one client span a call, made by opencensus-ext-requests."""

from collections.abc import Callable
from typing import Any

import requests
from opencensus.ext.requests.trace import wrap_session_request
from opencensus.trace import execution_context

from telemetry._internal.core import Telemetry
from telemetry._internal.tracing.tracing import Span, current_tracer, record_error

_Send = Callable[..., requests.Response]


def trace_requests(telemetry: Telemetry) -> None:
    """Trace every call that this process makes with requests, by whatever way of making it.

    Safe to repeat; the last `telemetry` is the one that counts. The calls by which telemetry itself is delivered are
    not traced.
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
    """Send a prepared request inside the span that opencensus-ext-requests makes.

    The extension wraps `Session.request`, which misses requests prepared by hand, writes into the caller's dictionary
    of headers, and sends no context when there is none. Here it is given a dictionary of its own, and what it puts
    there goes into a copy of the prepared request. The password that it takes from the URL, the span leaves out.
    """
    if execution_context.is_exporter() or _is_redirected(request):
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


def _is_redirected(request: requests.PreparedRequest) -> bool:
    """Whether requests itself sends this in answer to a redirect, inside a call that has its span already."""
    tracer = current_tracer()
    return tracer is not None and request.headers.get("traceparent") == tracer.headers()["traceparent"]
