"""Runs the application until it is told to stop."""

import asyncio
import gc
import os
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

KEEP_ALIVE_S = 75
"""Longer than exporters pause between batches, so that none sends into a connection that is being closed."""
GRACE_S = 5
"""How long running answers may take once the server is told to stop."""


class ListenError(OSError):
    """The address cannot be listened on; the text says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        ListenError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        message = (
            f"cannot listen on {host} port {port} ({os.strerror(error.errno or 0)}): stop what listens there, "
            "or choose another with --host and --port, or INSIGHTS_HOST and INSIGHTS_PORT"
        )
        raise ListenError(message) from error


def address(listening: socket.socket) -> str:
    """`host:port` as it stands in a URL."""
    host, port = listening.getsockname()[:2]
    return f"{f'[{host}]' if ':' in host else host}:{port}"


@dataclass(frozen=True, slots=True)
class Secure:
    """A second listener, which speaks TLS."""

    listening: socket.socket
    context: ssl.SSLContext


def run(
    app: ASGIApp,
    listening: socket.socket,
    stopping: asyncio.Event,
    on_ready: Callable[[], None],
    secure: Secure | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish the answers that are under way and leave with exit code 0.

    Args:
        app: what to serve.
        listening: from `listen`.
        stopping: set once a signal came, so that answers that would go on for ever end.
        on_ready: called once requests are answered.
        secure: where TLS is spoken, too.

    Raises:
        SystemExit: a signal came.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    # Items live for one commit, so looking for cycles among them is labour lost: a tenth of all CPU under load with the
    # interpreter's defaults.
    gc.set_threshold(20_000, 50, 100)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    _Server(config, stopping, on_ready, secure).run(sockets=[listening])


def _leave(_: int, __: FrameType | None) -> None:
    """End the process by way of its `finally` clauses. Uvicorn raises a signal again once it has shut down."""
    raise SystemExit(0)


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, stopping: asyncio.Event, on_ready: Callable[[], None], secure: Secure | None
    ) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._on_ready = on_ready
        self._secure = secure

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._secure is not None:
            self.servers.append(
                await asyncio.get_running_loop().create_server(
                    self._protocol, sock=self._secure.listening, ssl=self._secure.context, backlog=self.config.backlog
                )
            )
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        """What handles a connection, as uvicorn makes it: it knows one kind of listener at a time."""
        return self.config.http_protocol_class(  # type: ignore[call-arg] # as in uvicorn
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
