"""The commands `insights export` and `insights import`: copy the telemetry of a running server to a file and back."""

import gzip
from collections.abc import Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path

import click

from local_insights.cli.client import require_success, send_envelopes, server_client
from local_insights.cli.options import server_option
from local_insights.http.gzip_format import GZIP_MAGIC

_LINES_PER_REQUEST = 1_000


@click.command("export")
@click.argument("output", type=click.Path(path_type=Path))
@click.option(
    "--since", default="", help="Length of the time range that ends now: 30m, 1h, 7d. Default: all telemetry."
)
@server_option
def export_command(output: Path, since: str, server: str) -> None:
    """Write the telemetry of a running server to a file.

    OUTPUT is the file: gzip, one envelope per line. The telemetry stays in the server.
    """
    partial = output.with_name(f"{output.name}.partial")
    try:
        with (
            server_client(server) as client,
            client.stream("GET", "/export", params={"since": since} if since else {}) as response,
        ):
            require_success(server, response)
            with partial.open("wb") as file:
                for chunk in response.iter_raw():
                    file.write(chunk)
        partial.replace(output)
    except OSError as error:
        message = f"Cannot write {output}: {error.strerror or error}."
        raise click.ClickException(message) from error
    finally:
        partial.unlink(missing_ok=True)
    click.echo(f"Wrote {output}, {output.stat().st_size:,} bytes.", err=True)


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@server_option
def import_command(source: Path, server: str) -> None:
    """Send the telemetry of a file to a running server.

    SOURCE is the file: one envelope per line, gzip or plain text. Items already in the server are duplicated.
    """
    accepted = rejected = 0
    try:
        with _open(source) as file, server_client(server) as client:
            for lines in _batches(file):
                result = send_envelopes(client, server, lines)
                accepted += result.accepted
                rejected += result.rejected
    except (OSError, EOFError) as error:
        message = f"Cannot read {source} to its end: {error}. Sent so far: {accepted:,} items."
        raise click.ClickException(message) from error
    click.echo(f"Sent {accepted:,} items{f', {rejected:,} rejected' if rejected else ''}.", err=True)
    if rejected:
        raise SystemExit(1)


def _open(source: Path) -> gzip.GzipFile | BufferedReader:
    with source.open("rb") as file:
        compressed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return gzip.open(source) if compressed else source.open("rb")


def _batches(file: gzip.GzipFile | BufferedReader) -> Iterator[bytes]:
    while lines := b"".join(islice(file, _LINES_PER_REQUEST)):
        yield lines
