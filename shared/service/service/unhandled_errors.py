"""Unhandled exceptions: one log record, a 500 response, and a connection that stays open."""

import logging
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class UnhandledErrorMiddleware:
    """Respond to an unhandled exception with 500 and log it; do not raise it to the server.

    Starlette raises such an exception again after its response, and uvicorn then closes the connection. The response
    does not announce that, so that a client with a connection pool may send its next request on the closing connection:
    the failure of one request makes another one fail.

    An exception is logged once, as an error of `logger` inside the operation of the request, so that captured logs
    report it. Only an exception in the middle of a response is raised: the server has to close that connection.

    Args:
        app: The application.
        logger: Receives the record.
        respond: Returns the response of a request whose response has not started.
    """

    def __init__(self, app: ASGIApp, logger: logging.Logger, respond: Callable[[Request], Response]) -> None:
        self._app = app
        self._logger = logger
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = is_complete = False

        async def send_and_follow(message: Message) -> None:
            nonlocal has_started, is_complete
            await send(message)
            has_started = has_started or message["type"] == "http.response.start"
            is_complete = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await self._app(scope, receive, send_and_follow)
        except Exception:
            if has_started and not is_complete:
                raise
            self._logger.exception("unhandled exception %s", "after the response" if has_started else "(status 500)")
            if not has_started:
                await self._respond(Request(scope))(scope, receive, send)
