"""The one error shape of the services: RFC 9457 problem documents.

Whatever goes wrong in a FastAPI application that called `install_problem_handlers`, its client reads the same few
members: `type`, `title`, `status`, `detail` and `instance` as RFC 9457 defines them, and `operation_id`, under which
the telemetry of the failed request is found.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from telemetry import current_operation_id

PROBLEM_MEDIA_TYPE = "application/problem+json"

_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "operation_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "operation_id": {"type": ["string", "null"]},
        "service": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


class ServiceProblem(HTTPException):
    """A failure that the client should read about; raise it anywhere below an endpoint.

    It is an `HTTPException`, so FastAPI lets it pass where it turns other exceptions into answers of its own (while a
    body is read, say).
    """

    def __init__(
        self, status: HTTPStatus, detail: str, *, service: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Describe the failure.

        Args:
            status: The status of the response.
            detail: What was expected, what came, and what to do, for a human.
            service: The service or database that failed, when it is not the one that answers.
            headers: Further headers of the response.
        """
        super().__init__(status_code=status, detail=detail, headers=dict(headers or {}))
        self.service = service


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error response of the application a problem document.

    An exception that nobody handles becomes a 500 that says nothing of its cause. Starlette raises it again after the
    response, so the server's log and the request's telemetry still get it.
    """
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(Exception, _on_unhandled_exception)


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe problem documents for the `responses` of a FastAPI route, as its OpenAPI document should."""
    content = {PROBLEM_MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA}}
    return {int(status): {"description": status.phrase, "content": content} for status in statuses}


def respond_with_problem(request: Request, problem: ServiceProblem) -> Response:
    """Answer with a problem, from an application's own exception handler."""
    return _on_http_exception(request, problem)


def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = error.detail
    if status == HTTPStatus.BAD_REQUEST and isinstance(error.__cause__, ValueError | RecursionError):
        # FastAPI tells bodies that are not JSON (422) from bodies that json.loads cannot even begin with (bytes that
        # are not UTF-8, numbers or nesting without end: 400). To a client both are a body other than asked for.
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        detail = f"The body cannot be read as JSON in UTF-8: {error.__cause__}."
    elif detail == status.phrase:
        detail = _explain(request, status)
    service = error.service if isinstance(error, ServiceProblem) else None
    members = {} if service is None else {"service": service}
    return _problem(request, status, detail, members, error.headers)


def _on_validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [_validation_message(item) for item in error.errors()]
    detail = "; ".join(f"{item['field']}: {item['detail']}" for item in errors)
    return _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{detail}.", {"errors": errors})


def _on_unhandled_exception(request: Request, _error: Exception) -> Response:
    detail = (
        "The service failed in a way that it did not foresee. Its log and the telemetry of this operation say more."
    )
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail, {})


def _problem(
    request: Request,
    status: HTTPStatus,
    detail: str,
    members: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
) -> Response:
    document = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.url.path,
        "operation_id": current_operation_id(),
        **members,
    }
    # Escaped to ASCII, because a detail may quote what UTF-8 cannot carry: a lone surrogate.
    return Response(json.dumps(document).encode("ascii"), status, headers, PROBLEM_MEDIA_TYPE)


def _explain(request: Request, status: HTTPStatus) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return f"There is nothing at {request.url.path}."
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.url.path} does not answer {request.method}."
    return status.description or status.phrase


_PLAINER_MESSAGES = {
    "model_attributes_type": "Input should be a JSON object",
    "string_unicode": "Input should be a Unicode string, and half a surrogate pair is not a character",
}
"""Pydantic's messages that do not speak to whoever sent the JSON, by error type."""


def _validation_message(error: Mapping[str, Any]) -> dict[str, str]:
    """Put one pydantic error into words, never quoting the input: it may be long, or not encodable."""
    location: Sequence[object] = error["loc"]
    if error["type"] == "json_invalid":
        return {"field": str(location[0]), "detail": f"not JSON at character {location[-1]}: {error['ctx']['error']}"}
    message = _PLAINER_MESSAGES.get(error["type"], str(error["msg"]))
    return {"field": ".".join(str(part) for part in location[1:]) or str(location[0]), "detail": message}
