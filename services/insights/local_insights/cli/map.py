"""The command `insights map`: the map of a running server, on the terminal or in a file."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from local_insights.cli.client import DEFAULT_SERVER, ServerOption, asking, end, require_success

_PATHS = {"text": "/map.txt", "svg": "/map.svg", "mermaid": "/map.mmd", "dot": "/map.dot", "json": "/map.json"}


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
    server: ServerOption = DEFAULT_SERVER,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write to.")] = None,
) -> None:
    """Print the Application Map of a running server, or write it to a file.

    Ends with exit code 1 when there is no server, when it refuses the question, or when the file cannot be written.
    """
    with asking(server) as client:
        response = client.get(_PATHS[map_format], params={"since": since})
        require_success(server, response)
    if output is None:
        sys.stdout.buffer.write(response.content)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(response.content)
    except OSError as error:
        end(f"Cannot write {output}: {error.strerror or error}.")
    typer.echo(f"Wrote {output}.", err=True)
