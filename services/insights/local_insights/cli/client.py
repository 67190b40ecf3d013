"""An HTTP client of a running server, for commands that need one."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import click

from local_insights.portal.formats import single_line

if TYPE_CHECKING:
    import httpx

_EXPECTED = "Expected an address such as http://127.0.0.1:8080."
_TIMEOUT_S = 30.0
_ATTEMPTS = 60
_DEFAULT_RETRY_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class SendResult:
    """Numbers of items that the server accepted and rejected."""

    accepted: int
    rejected: int
    reasons: Sequence[tuple[int, str]] = ()
    """The index of each rejected item in the request, and the reason."""


@contextmanager
def server_client(server: str) -> Iterator["httpx.Client"]:
    """Provide a client of the server.

    The client ignores proxies of the environment, because a proxy cannot reach the loopback address of this machine.

    Raises:
        ClickException: the address is invalid, or there is no response; also for requests inside the block.
    """
    import httpx  # noqa: PLC0415 (a quarter of the start-up time of `insights serve`, which does not need it)

    try:
        with httpx.Client(base_url=server, timeout=_TIMEOUT_S, trust_env=False) as client:
            yield client
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        message = f"{server} is not a server address: {error}. {_EXPECTED}"
        raise click.ClickException(message) from error
    except httpx.TransportError as error:
        message = (
            f"No response from {server} ({error or type(error).__name__}). "
            "Start the server with `insights serve`, or pass another address with --server."
        )
        raise click.ClickException(message) from error


def require_success(server: str, response: "httpx.Response") -> None:
    """Raise an error unless the status of the response is 2xx.

    Raises:
        ClickException: another status; the message contains the reason.
    """
    if not response.is_success:
        response.read()
        message = f"{server} rejected the request: {_reason(response)}"
        raise click.ClickException(message)


def send_envelopes(client: "httpx.Client", server: str, body: bytes) -> SendResult:
    """Send one batch of envelopes, JSON lines or a JSON array. A 503 is retried 60 times, after `Retry-After` seconds.

    Raises:
        ClickException: the response is a problem document.
    """
    response = _post(client, "/v2.1/track", body)
    if response.headers.get("content-type") == "application/problem+json":
        require_success(server, response)
    track_response = response.json()
    reasons = [(error["index"], str(error["message"])) for error in track_response["errors"]]
    return SendResult(track_response["itemsAccepted"], len(reasons), reasons)


def send_otlp(client: "httpx.Client", server: str, signal: str, body: bytes, lines: int) -> SendResult:
    """Send lines of OTLP requests in JSON; see `send_envelopes`. Every line is counted as one item.

    Args:
        client: a client of the server.
        server: the address of the server.
        signal: `traces`, `logs` or `metrics`.
        body: the lines.
        lines: their number.

    Raises:
        ClickException: no line can be read.
    """
    response = _post(client, f"/v1/{signal}", body)
    require_success(server, response)
    partial = response.json().get("partialSuccess", {})
    rejected = next((int(count) for name, count in partial.items() if name.startswith("rejected")), 0)
    return SendResult(lines, rejected, [(0, partial["errorMessage"])] if rejected else [])


def _post(client: "httpx.Client", path: str, body: bytes) -> "httpx.Response":
    for _ in range(_ATTEMPTS):
        response = client.post(path, content=body, headers={"content-type": "application/json"})
        if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            break
        time.sleep(float(response.headers.get("retry-after", _DEFAULT_RETRY_AFTER_S)))
    return response


def _reason(response: "httpx.Response") -> str:
    """Return the detail of a problem document (RFC 9457) or of an OTLP status, else the HTTP status."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    detail = (
        (problem.get("detail") or problem.get("message") or problem.get("title")) if isinstance(problem, dict) else None
    )
    return single_line(str(detail)) if detail else f"{response.status_code} {response.reason_phrase}"
