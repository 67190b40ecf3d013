"""Every error over HTTP as a problem document (RFC 9457), from one mapping."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from local_insights.store.contract import QueryTimeoutError, StoreUnavailableError

RETRY_AFTER_S = 5


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem document. `detail` says what came and what to do."""
    document = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JSONResponse(document, status, headers, media_type="application/problem+json")


def _refused(request: Request, error: Exception) -> Response:
    """What routing and endpoints refuse: unknown paths, wrong methods, values that cannot be."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = error.detail
    if detail == status.phrase:
        detail = f"{request.method} {request.url.path}: {detail}"
    return problem(status, detail, error.headers)


def _unavailable(_: Request, error: Exception) -> Response:
    """Nothing can be written now. SDKs keep what they sent and try again."""
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"Retry-After": str(RETRY_AFTER_S)})


def _too_large(_: Request, error: Exception) -> Response:
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _unexpected(request: Request, _: Exception) -> Response:
    detail = f"{request.method} {request.url.path} failed for a reason within the server; its log has the details."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


PROBLEMS: Mapping[type[Exception], ExceptionHandler] = {
    HTTPException: _refused,
    StoreUnavailableError: _unavailable,
    QueryTimeoutError: _too_large,
    Exception: _unexpected,
}
"""Which error becomes which document. What an endpoint can say better, it says itself."""
