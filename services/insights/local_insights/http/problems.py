"""Problem documents (RFC 9457) for all HTTP errors."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from local_insights.http.json_text import json_bytes
from local_insights.http.query_params import QueryError
from local_insights.store.contract import StoreError, StoreUnavailableError

RETRY_AFTER_S = 5
"""Seconds in the header `Retry-After` of a 503."""


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem document as a response. `detail` states the cause and the remedy."""
    document = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return Response(json_bytes(document), status, headers, media_type="application/problem+json")


def _http_error(request: Request, error: Exception) -> Response:
    """Convert an HTTP error of routing or of an endpoint: unknown path, wrong method, invalid value."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = error.detail
    if detail == status.phrase:
        detail = f"{request.method} {request.url.path}: {detail}"
    return problem(status, detail, error.headers)


def _invalid_query(_: Request, error: Exception) -> Response:
    return problem(HTTPStatus.BAD_REQUEST, str(error))


def _unavailable(_: Request, error: Exception) -> Response:
    """Convert a temporary error of the store. SDKs retry after `Retry-After`."""
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": str(RETRY_AFTER_S)})


def _query_failed(_: Request, error: Exception) -> Response:
    """Convert any other error of the store. Without `Retry-After`, because a retry would fail again."""
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _unexpected(request: Request, _: Exception) -> Response:
    """Convert any other exception.

    Starlette raises it again, and the server closes the connection. The header announces that: otherwise a client sends
    its next request on the closing connection, and that request fails as well.
    """
    detail = f"{request.method} {request.url.path} failed with an internal error; see the log of the server."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, {"Connection": "close"})


PROBLEMS: Mapping[type[Exception], ExceptionHandler] = {
    HTTPException: _http_error,
    QueryError: _invalid_query,
    StoreUnavailableError: _unavailable,
    StoreError: _query_failed,
    Exception: _unexpected,
}
"""Exception handlers of the application. An endpoint may convert an error itself, with a more specific message."""
