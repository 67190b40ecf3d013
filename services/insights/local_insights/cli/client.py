"""The running server, as the commands that need one talk to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    import httpx

ServerOption = Annotated[str, typer.Option("--server", envvar="INSIGHTS_URL", help="Where Local Insights runs.")]
DEFAULT_SERVER = "http://127.0.0.1:8080"
_TIMEOUT_S = 30.0


@contextmanager
def asking(server: str) -> Iterator["httpx.Client"]:
    """A client of the server; the command ends with a message and exit code 1 when there is none.

    Proxies named in the environment are passed by: they cannot reach this machine's loopback.
    """
    import httpx  # noqa: PLC0415 (a quarter of the time that `insights serve` would take to start)

    try:
        with httpx.Client(base_url=server, timeout=_TIMEOUT_S, trust_env=False) as client:
            yield client
    except httpx.UnsupportedProtocol:
        end(f"{server} is not the address of a server. Expected one such as http://127.0.0.1:8080.")
    except httpx.InvalidURL as error:
        end(f"{server} is not the address of a server: {error}. Expected one such as http://127.0.0.1:8080.")
    except httpx.TransportError as error:
        end(
            f"No answer from {server} ({error or type(error).__name__}). "
            "Start Local Insights with `insights serve`, or name another address with --server."
        )


def require_success(server: str, response: "httpx.Response") -> None:
    """End the command unless the server did what it was asked for."""
    if not response.is_success:
        response.read()
        end(f"{server} refused: {_reason(response)}")


def end(message: str) -> NoReturn:
    """End the command with a message and exit code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _reason(response: "httpx.Response") -> str:
    """What a problem document (RFC 9457) says, or the status where there is none."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    detail = (problem.get("detail") or problem.get("title")) if isinstance(problem, dict) else None
    return str(detail) if detail else f"{response.status_code} {response.reason_phrase}"
