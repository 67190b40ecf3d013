"""The command `insights map`: print the Application Map of a running server, or write it to a file."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from local_insights.cli.client import DEFAULT_SERVER, ServerOption, require_success, server_client
from local_insights.cli.options import fail

_PATHS = {"text": "/map.txt", "svg": "/map.svg", "mermaid": "/map.mmd", "dot": "/map.dot", "json": "/map.json"}


class MapFormat(StrEnum):
    """Output formats of the map."""

    TEXT = "text"
    SVG = "svg"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def map_command(
    map_format: Annotated[MapFormat, typer.Option("--format", "-f", help="Output format.")] = MapFormat.TEXT,
    since: Annotated[str, typer.Option(help="Length of the time range that ends now: 30m, 1h, 7d.")] = "1h",
    server: ServerOption = DEFAULT_SERVER,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write instead of stdout.")] = None,
) -> None:
    """Print the Application Map of a running server, or write it to a file."""
    with server_client(server) as client:
        response = client.get(_PATHS[map_format], params={"since": since})
        require_success(server, response)
    if output is None:
        sys.stdout.buffer.write(response.content)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(response.content)
    except OSError as error:
        fail(f"Cannot write {output}: {error.strerror or error}.")
    typer.echo(f"Wrote {output}.", err=True)
