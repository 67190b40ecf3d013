"""Error responses of the services: RFC 9457 problem documents.

Every error response of a FastAPI application that called `install_problem_handlers` has the members `type`, `title`,
`status`, `detail` and `instance` of RFC 9457, and `operation_id`, the trace id of the failed request.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from service.console_logs import CurrentIds
from service.unhandled_errors import UnhandledErrorMiddleware

PROBLEM_MEDIA_TYPE = "application/problem+json"

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_MAX_REASONS = 10
"""Reasons in one log line; a list of invalid items has one for each item."""

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
    """A failure to report to the client; raise it in an endpoint or in code that an endpoint calls.

    It is an `HTTPException` because FastAPI replaces other exceptions in some places, for example while it reads a
    body.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, *, service: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Describe the failure.

        Args:
            status: The status of the response.
            detail: Text for people: the expected and the actual state, and what to do.
            service: The service or database that failed, unless it is the one that responds.
            headers: Further headers of the response.
        """
        super().__init__(status_code=status, detail=detail, headers=dict(headers or {}))
        self.service = service


def install_problem_handlers(app: FastAPI, current_ids: CurrentIds) -> None:
    """Make every error response of the application a problem document, and log rejected input.

    An unhandled exception becomes a 500 without its text, and an error of the logger with the application's title; the
    connection stays open. Input that is rejected with 422 is logged as a warning of the same logger: the field and the
    reason, never the value.

    Call it after middleware has been added whose exceptions it has to handle.
    """
    app.state.current_ids = current_ids
    app.add_middleware(
        UnhandledErrorMiddleware, logger=logging.getLogger(app.title), respond=_respond_to_unhandled_exception
    )
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a FastAPI route that describe problem documents in its OpenAPI document."""
    content = {PROBLEM_MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA}}
    return {int(status): {"description": status.phrase, "content": content} for status in statuses}


def respond_with_problem(request: Request, problem: ServiceProblem) -> Response:
    """Return the response for a problem, in an exception handler of the application."""
    return _on_http_exception(request, problem)


def log_rejected_input(service: str, reasons: Sequence[str]) -> None:
    """Log input that is rejected with 422.

    Args:
        service: The name of the service's logger.
        reasons: Fields with the rule that they break. They must not contain a value: logs leave the machine.
    """
    shown, more = reasons[:_MAX_REASONS], len(reasons) - _MAX_REASONS
    rest = f"; {more} more" if more > 0 else ""
    logging.getLogger(service).warning("input rejected with 422: %s%s", "; ".join(shown), rest)


def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = error.detail
    if status == HTTPStatus.BAD_REQUEST and isinstance(error.__cause__, ValueError | RecursionError):
        # FastAPI responds with 422 to a body that is not JSON, and with 400 where json.loads fails in another way
        # (bytes that are not UTF-8, too many digits or levels). Both are an invalid body.
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        detail = f"The body is not valid JSON in UTF-8, UTF-16 or UTF-32: {error.__cause__}."
        log_rejected_input(request.app.title, [f"body: not JSON ({type(error.__cause__).__name__})"])
    elif detail == status.phrase:
        detail = _explain(request, status)
    headers = error.headers
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _allowed_methods(request)):
        headers = {**(headers or {}), "Allow": ", ".join(methods)}
    service = error.service if isinstance(error, ServiceProblem) else None
    members = {} if service is None else {"service": service}
    return _problem(request, status, detail, members, headers)


def _on_validation_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    log_rejected_input(request.app.title, _reasons(request.app, error.errors()))
    errors = [_validation_message(item) for item in error.errors()]
    detail = "; ".join(f"{item['field']}: {item['detail']}" for item in errors)
    return _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{detail}.", {"errors": errors})


def _respond_to_unhandled_exception(request: Request) -> Response:
    detail = "Unexpected error in the service. Its log and the telemetry of this operation have the details."
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
        "operation_id": request.app.state.current_ids().get("operation_id"),
        **members,
    }
    # Escaped to ASCII, because a detail may contain a lone surrogate, which UTF-8 cannot encode.
    return Response(json.dumps(document).encode("ascii"), status, headers, PROBLEM_MEDIA_TYPE)


def _allowed_methods(request: Request) -> list[str]:
    """Return the methods of all routes of the path. Starlette lists those of the first route only.

    Empty for a path of a mounted application: its own response is complete.
    """
    scope = {"type": "http", "path": request.scope["path"], "root_path": request.scope.get("root_path", "")}

    def is_allowed(method: str) -> bool:
        probe = {**scope, "method": method, "headers": [], "path_params": {}}
        return any(route.matches(probe)[0] == Match.FULL for route in request.app.routes)

    allowed = [method for method in _METHODS if is_allowed(method)]
    return [] if len(allowed) == len(_METHODS) else allowed


def _explain(request: Request, status: HTTPStatus) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return f"No resource at {request.url.path}."
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.url.path} does not support {request.method}."
    return status.description or status.phrase


_PLAINER_MESSAGES = {
    "model_attributes_type": "Input should be a JSON object",
    "string_unicode": "Input should be a Unicode string, and half a surrogate pair is not a character",
}
"""Replacements for messages of pydantic that describe Python instead of JSON, by error type."""


def _validation_message(error: Mapping[str, Any]) -> dict[str, str]:
    """Return field and message of one pydantic error. The input is not quoted: it may be long, or not encodable."""
    location: Sequence[object] = error["loc"]
    if error["type"] == "json_invalid":
        return {"field": str(location[0]), "detail": f"not JSON at character {location[-1]}: {error['ctx']['error']}"}
    message = _PLAINER_MESSAGES.get(error["type"], str(error["msg"]))
    return {"field": ".".join(str(part) for part in location[1:]) or str(location[0]), "detail": message}


_CONSTRAINTS = ("min_length", "max_length", "gt", "ge", "lt", "le", "multiple_of", "max_digits", "decimal_places")
"""Keys of a pydantic error's context whose values come from the declaration of the field."""


def _reasons(app: FastAPI, errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return field, error type and constraint of each pydantic error, for example `body.value: string_too_long (…)`.

    Messages are left out, because some contain input (a custom validator's, that of `union_tag_invalid`). Keys that the
    application's OpenAPI document does not declare are input as well.
    """
    declared = set(_declared_names(app.openapi()))
    reasons = []
    for error in errors:
        source, *path = error["loc"]
        parts = [str(part) if isinstance(part, int) or part in declared else "(undeclared)" for part in path]
        limits = [f"{key}={value}" for key, value in error.get("ctx", {}).items() if key in _CONSTRAINTS]
        constraint = f" ({', '.join(limits)})" if limits else ""
        reasons.append(f"{'.'.join([str(source), *parts])}: {error['type']}{constraint}")
    return reasons


def _declared_names(node: object) -> Iterable[str]:
    """Yield the names of properties and parameters in an OpenAPI document."""
    if isinstance(node, Mapping):
        yield from node.get("properties", {})
        if isinstance(node.get("name"), str):
            yield node["name"]
        for child in node.values():
            yield from _declared_names(child)
    elif isinstance(node, list):
        for child in node:
            yield from _declared_names(child)
