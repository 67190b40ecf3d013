"""A limit on the size of request bodies, which answers like every other error: with a problem document."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import ServiceProblem


class BodyLimitMiddleware:
    """Stops reading a request's body once it is longer than the limit, and has the client told so with 413.

    FastAPI's own `max_body_size` answers in plain text. The problem is raised from `receive`, so it needs the handlers
    of `install_problem_handlers`; bytes beyond the limit are never held.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received_bytes = 0

        async def receive_within_limit() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self._max_body_bytes:
                raise ServiceProblem(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"The body is longer than {self._max_body_bytes:,} bytes, the most that is read.",
                )
            return message

        await self._app(scope, receive_within_limit, send)
