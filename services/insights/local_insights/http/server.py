"""Run the application with uvicorn on a plain and an optional TLS listener."""

import asyncio
import gc
import os
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from local_insights.http.protocol import CLIENT_TIMEOUT_S, LimitedHttpProtocol

if TYPE_CHECKING:
    from local_insights.settings import Settings

KEEP_ALIVE_S = 75
"""Longer than the export interval of SDKs, so that no SDK sends into a connection that the server is closing."""
QUERY_THREADS = 8
"""Pages that are computed at the same time. With 40 threads (the default of anyio) and 100 users, the event loop waits
for Python's lock up to 2.3 s instead of 0.6 s, and pages are not faster."""
GRACE_S = 5
"""Seconds that responses in progress may take after a stop signal."""


class ListenError(OSError):
    """The address cannot be bound. The message contains the remedy."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        ListenError: the port is in use, or the address does not belong to this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        message = (
            f"cannot listen on {host} port {port} ({os.strerror(error.errno or 0)}): stop the process that uses "
            "the port, or choose another address with --host and --port, or INSIGHTS_HOST and INSIGHTS_PORT"
        )
        raise ListenError(message) from error


def address(listener: socket.socket) -> str:
    """Return `host:port` of a listening socket, in URL syntax."""
    host, port = listener.getsockname()[:2]
    return f"{f'[{host}]' if ':' in host else host}:{port}"


@dataclass(frozen=True, slots=True)
class TlsListener:
    """A listening socket and the TLS context of its connections."""

    socket: socket.socket
    context: ssl.SSLContext


def tls_listener(settings: "Settings") -> TlsListener | None:
    """Return a listener with the certificate of the data directory; None if no TLS port is set.

    Raises:
        CertificateError: the certificate can be neither read nor created.
        ListenError: the port cannot be bound.
    """
    if settings.tls_port is None:
        return None
    from local_insights.http import certificate as certificates  # noqa: PLC0415 (takes 0.1 s; TLS is usually off)

    certificate = certificates.load_or_create(
        settings.data_dir, certificates.server_names(settings.host, settings.tls_names)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    return TlsListener(listen(settings.host, settings.tls_port), context)


def run(  # noqa: PLR0913 - one call in the life of the process
    app: ASGIApp,
    listener: socket.socket,
    stopping: asyncio.Event,
    on_ready: Callable[[], None],
    *,
    tls_listener: TlsListener | None = None,
    client_timeout_s: float = CLIENT_TIMEOUT_S,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish the responses in progress and exit with code 0.

    Args:
        app: the application.
        listener: a socket from `listen`.
        stopping: set when a signal arrives; endless responses such as event streams end then.
        on_ready: called when the server accepts requests.
        tls_listener: an additional listener for TLS.
        client_timeout_s: the time limit of a client that neither sends nor reads; see `LimitedHttpProtocol`.

    Raises:
        SystemExit: a signal arrived.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=partial(LimitedHttpProtocol, timeout_s=client_timeout_s),  # type: ignore[arg-type] # any factory works
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    # Items live for one commit and form no reference cycles. With the interpreter's default thresholds, garbage
    # collection takes a tenth of the CPU time under load.
    gc.set_threshold(20_000, 50, 100)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit)
    _Server(config, stopping, on_ready, tls_listener).run(sockets=[listener])


def _exit(_: int, __: FrameType | None) -> None:
    """Exit the process through its `finally` clauses. Uvicorn raises the signal again after its shutdown."""
    raise SystemExit(0)


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        stopping: asyncio.Event,
        on_ready: Callable[[], None],
        tls_listener: TlsListener | None,
    ) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._on_ready = on_ready
        self._tls_listener = tls_listener

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        to_thread.current_default_thread_limiter().total_tokens = QUERY_THREADS
        await super().startup(sockets)
        tls = self._tls_listener
        if tls is not None:
            self.servers.append(
                await asyncio.get_running_loop().create_server(
                    self._protocol,
                    sock=tls.socket,
                    ssl=tls.context,
                    backlog=self.config.backlog,
                    ssl_handshake_timeout=CLIENT_TIMEOUT_S,
                )
            )
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        """Return the protocol of a TLS connection. Uvicorn itself supports one kind of listener per process."""
        return self.config.http_protocol_class(  # type: ignore[call-arg] # as in uvicorn
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
