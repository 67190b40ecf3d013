"""A limit on the size of request bodies whose error is a problem document, like every other error."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import ServiceProblem


class BodyLimitMiddleware:
    """Reject a request with 413 as soon as its body is longer than the limit.

    FastAPI's own `max_body_size` responds in plain text. This middleware raises the problem from `receive`, so it needs
    the handlers of `install_problem_handlers`. Bytes beyond the limit are not buffered.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request and count the bytes of its body."""
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
                    f"The body is longer than the limit of {self._max_body_bytes:,} bytes.",
                )
            return message

        await self._app(scope, receive_within_limit, send)
