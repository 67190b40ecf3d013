"""Ports of this machine without a server, in three variants."""

import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager


@contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port that rejects connections (ECONNREFUSED)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    yield port


@contextmanager
def silent_port() -> Iterator[int]:
    """Yield a port that accepts connections and data and never responds."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        yield listener.getsockname()[1]


@contextmanager
def dropping_port() -> Iterator[int]:
    """Yield a port that does not respond to connection attempts, like a firewall that drops packets."""
    with ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = open_sockets.enter_context(selectors.DefaultSelector())
        while True:  # until the backlog of the listener is full
            client = open_sockets.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.register(client, selectors.EVENT_WRITE)
            if not waiting.select(timeout=0.1):
                break
            waiting.unregister(client)
        yield listener.getsockname()[1]


UNRESPONSIVE_PORTS: dict[str, Callable[[], AbstractContextManager[int]]] = {
    "closed": closed_port,
    "silent": silent_port,
    "drops packets": dropping_port,
}
