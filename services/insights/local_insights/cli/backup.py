"""The command `insights export`: writes the telemetry of a running server, or of a data directory, to a file."""

import gzip
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from local_insights.cli.client import require_success, server_client
from local_insights.cli.options import server_option

if TYPE_CHECKING:
    from local_insights.store.contract import OfflineReader

    OpenOffline = Callable[[Path], AbstractContextManager[OfflineReader]]

_STDOUT = Path("-")


def export_command(open_offline: "OpenOffline") -> click.Command:
    """Return the command `export`.

    Args:
        open_offline: opens a data directory that no server uses; raises `StoreError` if that is not possible.
    """

    @click.command("export")
    @click.argument("output", type=click.Path(path_type=Path))
    @click.option(
        "--since", default="", help="Length of the time range that ends now: 30m, 1h, 7d. Default: all telemetry."
    )
    @server_option
    @click.option("--data", type=click.Path(path_type=Path), help="Read this data directory, without a server.")
    def export(output: Path, since: str, server: str, data: Path | None) -> None:
        """Write the telemetry of a running server to a file.

        OUTPUT is the file, or - for stdout: gzip, one envelope per line. The telemetry stays in the server.

        With --data, the telemetry is read from the directory of a server that does not run, also from damaged files and
        files of earlier versions, which are not changed. If anything could not be read, the exit code is 1.
        """
        try:
            if data is None:
                _export_from_server(output, since, server)
            else:
                _export_from_directory(output, since, server, data, open_offline)
        except OSError as error:
            message = f"Cannot write {output}: {error.strerror or error}."
            raise click.ClickException(message) from error

    return export


def _export_from_server(output: Path, since: str, server: str) -> None:
    size = 0
    with (
        server_client(server) as client,
        client.stream("GET", "/export", params={"since": since} if since else {}) as response,
    ):
        require_success(server, response)
        with _opened_output(output) as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                size += len(chunk)
    click.echo(f"Wrote {output}, {size:,} bytes.", err=True)


def _export_from_directory(output: Path, since: str, server: str, data: Path, open_offline: "OpenOffline") -> None:
    from local_insights.backup.envelopes import envelope_line  # noqa: PLC0415 (not needed by a client)
    from local_insights.http.query_params import QueryError, time_query  # noqa: PLC0415
    from local_insights.model.time_range import ALL_TIME  # noqa: PLC0415
    from local_insights.store.contract import StoreError, StoreInUseError  # noqa: PLC0415

    count = 0
    try:
        time_range = time_query({"since": since}, datetime.now(UTC)).time_range if since else ALL_TIME
        with open_offline(data) as reader:
            with _opened_output(output) as file, gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as lines:
                for items in reader.items(time_range):
                    lines.write(b"".join(map(envelope_line, items)))
                    count += len(items)
            problems = reader.problems
    except StoreInUseError as error:
        message = f"A server uses {data}. Export from it: insights export --server {server} {output}. Or stop it first."
        raise click.ClickException(message) from error
    except (StoreError, QueryError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Wrote {output}, {count:,} items.", err=True)
    if problems:
        message = f"The export is incomplete: {'; '.join(problems)}."
        raise click.ClickException(message)


@contextmanager
def _opened_output(output: Path) -> Iterator[BinaryIO]:
    """Open the output. A regular file is replaced at the end, if there is no error; anything else is written directly.

    A device, a pipe or a socket must never be replaced by a file.
    """
    if output == _STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = output.resolve()  # a symbolic link remains
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    descriptor, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".partial", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
