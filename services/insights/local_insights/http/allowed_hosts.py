"""The host names under which the server responds, as protection against DNS rebinding.

A web page whose own name resolves to this machine (DNS rebinding) has the origin of the server, and could read all
telemetry. Its requests carry the name of the page in `Host`. An address cannot be rebound.
"""

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)]|([^][:@/?#\s]+))(?::\d*)?", re.ASCII)
_WILDCARDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - recognized, not bound


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Host names in lower case, and `any_address` if every IP address is allowed.

    Names and addresses of the loopback interface are always allowed.
    """

    names: frozenset[str] = frozenset()
    any_address: bool = False

    @classmethod
    def of_server(cls, addresses: Iterable[str], names: Iterable[str]) -> Self:
        """Return the hosts of a server that can be reached at `addresses` and has additional `names`.

        A wildcard address means all addresses of the machine. A server that other machines can reach may also be
        called by the machine's host name.
        """
        bound = {address.lower() for address in addresses}
        is_exposed = any(not _is_loopback(address) for address in bound)
        own = [socket.gethostname()] if is_exposed else []
        return cls(
            frozenset(_without_dot(name.lower()) for name in (*bound - _WILDCARDS, *names, *own)),
            any_address=bool(bound & _WILDCARDS),
        )

    def allow(self, host: str) -> bool:
        """Return whether a value of the header `Host` (or the authority of an origin) names this server."""
        name = host_name(host)
        return name in self.names or _is_loopback(name) or (self.any_address and _is_address(name))


def host_name(host: str) -> str:
    """Return the name or address in a value of the header `Host`, in lower case; empty if the value is invalid."""
    match = _HOST.fullmatch(host)
    return _without_dot((match[1] or match[2]).lower()) if match else ""


def _without_dot(name: str) -> str:
    return name.removesuffix(".")


def _is_loopback(name: str) -> bool:
    """Browsers resolve `localhost` and all names below it without DNS."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
