"""The command `insights map`: print the Application Map of a running server, or write it to a file."""

import sys
from pathlib import Path

import click

from local_insights.cli.client import require_success, server_client
from local_insights.cli.options import server_option

_PATHS = {"text": "/map.txt", "svg": "/map.svg", "mermaid": "/map.mmd", "dot": "/map.dot", "json": "/map.json"}


@click.command("map")
@click.option("--format", "-f", "map_format", type=click.Choice(list(_PATHS)), default="text", show_default=True)
@click.option("--since", default="1h", show_default=True, help="Length of the time range that ends now: 30m, 1h, 7d.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write instead of stdout.")
@server_option
def map_command(map_format: str, since: str, output: Path | None, server: str) -> None:
    """Print the Application Map of a running server."""
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
        message = f"Cannot write {output}: {error.strerror or error}."
        raise click.ClickException(message) from error
    click.echo(f"Wrote {output}.", err=True)
