"""The host names under which the server responds."""

import socket

import pytest

from local_insights.http.allowed_hosts import AllowedHosts

LOOPBACK = ("localhost", "LOCALHOST:80", "app.localhost:80", "localhost.", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080")
OTHERS = (
    *("evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "", ":80", "[::1", "%"),
    *("user@127.0.0.1", "127.0.0.1@evil.example", "[::1].evil", "127.0.0.1:8000:1", "::1:8000", "127.0.0.1/x"),
)
ADDRESSES = ("192.168.1.5:8080", "[fd00::5]")


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_names_and_addresses_are_always_allowed(host: str) -> None:
    assert AllowedHosts.of_server(["127.0.0.1"], ()).allow(host)


@pytest.mark.parametrize("host", [*OTHERS, *ADDRESSES, socket.gethostname() + ".example"])
def test_other_names_and_addresses_are_not_allowed(host: str) -> None:
    assert not AllowedHosts.of_server(["127.0.0.1"], ()).allow(host)


@pytest.mark.parametrize("host", ["insights", "Insights:8080", "insights.", "host.docker.internal:80"])
def test_names_of_the_settings_are_allowed(host: str) -> None:
    assert AllowedHosts.of_server(["127.0.0.1"], ["insights", "Host.Docker.Internal"]).allow(host)


def test_bound_address_is_allowed() -> None:
    allowed = AllowedHosts.of_server(["192.168.1.5"], ())
    assert allowed.allow("192.168.1.5:8080")
    assert allowed.allow(socket.gethostname())
    assert not allowed.allow("192.168.1.6:8080")


@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::"])  # noqa: S104 - not bound
def test_wildcard_allows_every_address_because_an_address_cannot_be_rebound(wildcard: str) -> None:
    allowed = AllowedHosts.of_server([wildcard], ())
    assert all(allowed.allow(address) for address in ADDRESSES)
    assert not any(allowed.allow(host) for host in OTHERS)
