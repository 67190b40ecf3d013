"""The commands `insights export` and `insights import`: what a running server holds, to a file and back."""

import gzip
import time
from collections.abc import Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from local_insights.cli.client import DEFAULT_SERVER, ServerOption, asking, end, require_success

if TYPE_CHECKING:
    import httpx

_LINES_AT_ONCE = 1_000
_UNAVAILABLE = 503
_ATTEMPTS = 60
_GZIP_MAGIC = b"\x1f\x8b"


def export_command(
    output: Annotated[Path, typer.Argument(help="The file to write: envelopes, one a line, compressed with gzip.")],
    since: Annotated[str, typer.Option(help="How far to look back: 30m, 1h, 7d; everything when empty.")] = "",
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Write the telemetry of a running server to a file. It stays in the server."""
    partial = output.with_name(f"{output.name}.partial")
    try:
        with (
            asking(server) as client,
            client.stream("GET", "/export", params={"since": since} if since else {}) as response,
        ):
            require_success(server, response)
            with partial.open("wb") as file:
                for part in response.iter_raw():
                    file.write(part)
        partial.replace(output)
    except OSError as error:
        end(f"Cannot write {output}: {error.strerror or error}.")
    finally:
        partial.unlink(missing_ok=True)
    typer.echo(f"Wrote {output}, {output.stat().st_size:,} bytes.", err=True)


def import_command(
    source: Annotated[Path, typer.Argument(help="A file of envelopes, one a line; gzip or not.")],
    server: ServerOption = DEFAULT_SERVER,
) -> None:
    """Send the telemetry of a file to a running server. What it holds already, it then holds twice."""
    accepted = refused = 0
    try:
        with _opened(source) as file, asking(server) as client:
            for lines in _batches(file):
                receipt = _sent(client, server, lines)
                accepted += receipt["itemsAccepted"]
                refused += len(receipt["errors"])
    except (OSError, EOFError) as error:
        end(f"Cannot read {source} to its end: {error}. Sent so far: {accepted:,} items.")
    typer.echo(f"Sent {accepted:,} items{f', {refused:,} were refused' if refused else ''}.", err=True)
    if refused:
        raise typer.Exit(1)


def _opened(source: Path) -> gzip.GzipFile | BufferedReader:
    with source.open("rb") as file:
        compressed = file.read(2) == _GZIP_MAGIC
    return gzip.open(source) if compressed else source.open("rb")


def _batches(file: gzip.GzipFile | BufferedReader) -> Iterator[bytes]:
    while lines := b"".join(islice(file, _LINES_AT_ONCE)):
        yield lines


def _sent(client: "httpx.Client", server: str, lines: bytes) -> dict[str, Any]:
    """Send lines, again while the server asks to wait."""
    for _ in range(_ATTEMPTS):
        response = client.post("/v2.1/track", content=lines)
        if response.status_code != _UNAVAILABLE:
            break
        time.sleep(float(response.headers.get("retry-after", 1)))
    if response.headers.get("content-type") == "application/problem+json":
        require_success(server, response)
    receipt: dict[str, Any] = response.json()
    return receipt
