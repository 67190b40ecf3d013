"""requests: one client span per call, created by opencensus-ext-requests."""

import copy
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from opencensus.ext.requests.trace import wrap_session_request
from opencensus.trace import execution_context

from telemetry._internal.core import Telemetry
from telemetry._internal.internal_errors import handle_internal_errors
from telemetry._internal.tracing.tracing import Span, current_tracer, record_error

__all__ = ["trace_requests", "untrace_requests"]

_Send = Callable[..., requests.Response]


def trace_requests(telemetry: Telemetry) -> None:
    """Trace every call of this process with requests, including sessions and prepared requests.

    May be called repeatedly; the last `telemetry` is used. The requests that export telemetry are not traced.
    """
    untrace_requests()
    send = requests.Session.send

    @wraps(send)
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
    if not isinstance(request, requests.PreparedRequest) or execution_context.is_exporter() or _is_redirect(request):
        return send(session, request, **options)
    call = _Call(request, lambda prepared: send(session, prepared, **options))
    with telemetry.operation():
        with handle_internal_errors("tracing a call of requests"):
            arguments: dict[str, Any] = {"method": request.method or "GET", "url": _parsable(request.url)}
            arguments["headers"] = {}
            wrap_session_request(call.send_with_context, session, (), arguments)
        return call.result()


class _Status(NamedTuple):
    """The part of a response that the extension reads."""

    status_code: int


class _Call:
    """One call, sent by the extension, whose response or exception does not pass through the extension.

    The extension fails for an exception whose text cannot be read, a response without status and a URL with an invalid
    port.
    """

    def __init__(
        self, request: requests.PreparedRequest, send: Callable[[requests.PreparedRequest], requests.Response]
    ) -> None:
        self._request = request
        self._send = send
        self._response: requests.Response | None = None
        self._error: BaseException | None = None

    def send_with_context(self, method: str, url: str, headers: dict[str, str]) -> _Status:  # noqa: ARG002
        """Send a copy of the request with these headers; return its status to the extension, 0 for none."""
        prepared = copy.copy(self._request)
        if prepared.headers is not None:
            prepared.headers = prepared.headers.copy()
            prepared.headers.update(headers)
        span = execution_context.get_current_span()
        if isinstance(span, Span):
            span.add_attribute("http.url", self._request.url)
        try:
            self._response = self._send(prepared)
        except BaseException as error:  # noqa: BLE001, raised again by `result`
            self._error = error
            if isinstance(span, Span):
                record_error(span, error)
        status = getattr(self._response, "status_code", None)
        return _Status(status if isinstance(status, int) else 0)

    def result(self) -> requests.Response:
        """Return the response, or raise the exception of the call with its own context."""
        if self._error is not None:
            context = self._error.__context__
            try:
                raise self._error
            finally:
                self._error.__context__ = context
                del self._error  # it refers to this frame
        return self._send(self._request) if self._response is None else self._response


def _parsable(url: str | bytes | None) -> str | bytes:
    """Return the URL, or `/` when its host or port is invalid, which custom adapters can accept."""
    try:
        urlsplit(url or "").port  # noqa: B018, the property raises
    except ValueError:
        return "/"
    return url or "/"


def _is_redirect(request: requests.PreparedRequest) -> bool:
    """Return True when requests itself follows a redirect, inside a call that already has a span."""
    tracer = current_tracer()
    return (
        tracer is not None
        and request.headers is not None
        and request.headers.get("traceparent") == tracer.headers()["traceparent"]
    )
