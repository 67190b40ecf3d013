"""The command `insights map`: the map of a running server, on the terminal or in a file."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    import httpx

_PATHS = {"text": "/map.txt", "svg": "/map.svg", "mermaid": "/map.mmd", "dot": "/map.dot", "json": "/map.json"}
_TIMEOUT_S = 30.0


class MapFormat(StrEnum):
    """The forms in which the server gives the map."""

    TEXT = "text"
    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def map_command(
    map_format: Annotated[MapFormat, typer.Option("--format", "-f", help="What to print.")] = MapFormat.TEXT,
    since: Annotated[str, typer.Option(help="How far to look back: 30m, 1h, 7d.")] = "1h",
    server: Annotated[
        str, typer.Option(envvar="INSIGHTS_URL", help="Where Local Insights runs.")
    ] = "http://127.0.0.1:8080",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write to.")] = None,
) -> None:
    """Print the Application Map of a running server, or write it to a file.

    Ends with exit code 1 when there is no server, when it refuses the question, or when the file cannot be written.
    """
    drawing = _fetched(server, _PATHS[map_format], since)
    if output is None:
        sys.stdout.buffer.write(drawing)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(drawing)
    except OSError as error:
        _fail(f"Cannot write {output}: {error.strerror or error}.")
    typer.echo(f"Wrote {output}.", err=True)


def _fetched(server: str, path: str, since: str) -> bytes:
    """Ask the server. Proxies named in the environment are passed by: they cannot reach this machine's loopback."""
    import httpx  # noqa: PLC0415 (a quarter of the time that `insights serve` would take to start)

    try:
        with httpx.Client(base_url=server, timeout=_TIMEOUT_S, trust_env=False) as client:
            response = client.get(path, params={"since": since})
    except httpx.UnsupportedProtocol:
        _fail(f"{server} is not the address of a server. Expected one such as http://127.0.0.1:8080.")
    except httpx.InvalidURL as error:
        _fail(f"{server} is not the address of a server: {error}. Expected one such as http://127.0.0.1:8080.")
    except httpx.TransportError as error:
        _fail(
            f"No answer from {server} ({error or type(error).__name__}). "
            "Start Local Insights with `insights serve`, or name another address with --server."
        )
    if not response.is_success:
        _fail(f"{server} refused: {_reason(response)}")
    return response.content


def _reason(response: "httpx.Response") -> str:
    """What a problem document (RFC 9457) says, or the status where there is none."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    detail = (problem.get("detail") or problem.get("title")) if isinstance(problem, dict) else None
    return str(detail) if detail else f"{response.status_code} {response.reason_phrase}"


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
