"""Ports of this machine where nobody answers, in the three ways of not answering."""

import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    yield port


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections, and whatever is sent, and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        yield listener.getsockname()[1]


@contextmanager
def dropping_port() -> Iterator[int]:
    """A port that does not even answer an attempt to connect, like a firewall that drops packets."""
    with ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = held.enter_context(selectors.DefaultSelector())
        while True:  # until the kernel holds as many connections as it will hold for someone who takes none
            client = held.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.register(client, selectors.EVENT_WRITE)
            if not waiting.select(timeout=0.1):
                break
            waiting.unregister(client)
        yield listener.getsockname()[1]


UNRESPONSIVE_PORTS: dict[str, Callable[[], AbstractContextManager[int]]] = {
    "refuses": closed_port,
    "says nothing": silent_port,
    "drops packets": dropping_port,
}
