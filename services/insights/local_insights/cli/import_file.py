"""The command `insights import`: sends the telemetry of a file to a running server."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import chain, count
from pathlib import Path

import click

from local_insights.cli.client import SendResult, send_envelopes, send_otlp, server_client
from local_insights.cli.options import server_option
from local_insights.http.gzip_format import GZIP_MAGIC
from local_insights.ingest.item_splitter import ItemSplitter

_ENTRIES_PER_REQUEST = 1_000
_BYTES_PER_REQUEST = 4 * 1024 * 1024
"""The entries of a request have at least this size in total. A server processes such a body at once."""
_MAX_LINE_BYTES = 64 * 1024 * 1024
_READ_BYTES = 256 * 1024
_PEEK_BYTES = 1024
_BLANK = b"\xef\xbb\xbf \t\r\n"
"""White space and the byte order mark."""
_SHOWN_REASONS = 5
_OTLP = re.compile(rb'\s*\{\s*"resource(Spans|Logs|Metrics)"')
_SIGNALS = {b"Spans": "traces", b"Logs": "logs", b"Metrics": "metrics"}
_LINE_ENDS = str.maketrans("\r\n", "  ")
Source = gzip.GzipFile | BufferedReader


@dataclass(slots=True)
class Entries:
    """Consecutive entries of a file, for one request: envelopes, or OTLP requests of one signal."""

    signal: str
    """`traces`, `logs` or `metrics`; empty for envelopes."""
    first: int
    """The number of the first entry in the file, from 1."""
    texts: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """The number of every entry that is not blank."""


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--skip", default=0, type=click.IntRange(min=0), help="Number of lines (or elements of an array) to leave out."
)
@server_option
def import_command(source: Path, skip: int, server: str) -> None:
    """Send the telemetry of a file to a running server.

    SOURCE is the file, gzip or plain text: one envelope per line, an array of envelopes, or one OTLP request in JSON
    per line, as the OpenTelemetry Collector's file exporter writes them. Items already in the server are duplicated.
    After an interruption the message states with which --skip the import continues.
    """
    accepted = rejected = 0
    next_skip = skip
    try:
        with _open(source) as file, server_client(server) as client:
            for entries in _requests(file, skip):
                body = b"".join(entries.texts)
                if entries.signal:
                    result = send_otlp(client, server, entries.signal, body, len(entries.numbers))
                else:
                    result = send_envelopes(client, server, body)
                _show_reasons(entries, result, rejected)
                accepted += result.accepted
                rejected += result.rejected
                next_skip = entries.first + len(entries.texts) - 1
    except BaseException as error:
        click.echo(f"Sent so far: {_counts(accepted, rejected)} To continue, add --skip {next_skip}.", err=True)
        if isinstance(error, OSError | EOFError | zlib.error):
            message = f"Cannot read {source} to its end: {error}."
            raise click.ClickException(message) from error
        raise
    click.echo(f"Sent {_counts(accepted, rejected)}", err=True)
    if rejected:
        raise SystemExit(1)


def _counts(accepted: int, rejected: int) -> str:
    return f"{accepted:,} items{f', {rejected:,} rejected' if rejected else ''}."


def _show_reasons(entries: Entries, result: SendResult, shown: int) -> None:
    """Print the first reasons, with the number of the line or array element. OTLP responses do not state it."""
    for index, reason in result.reasons[: max(_SHOWN_REASONS - shown, 0)]:
        number = entries.numbers[index] if index < len(entries.numbers) else entries.first
        place = f"OTLP requests from line {number:,} on" if entries.signal else f"Line or element {number:,}"
        click.echo(f"{place}: {reason.translate(_LINE_ENDS)}", err=True)


def _open(source: Path) -> Source:
    with source.open("rb") as file:
        compressed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return gzip.open(source) if compressed else source.open("rb")


def _requests(file: Source, skip: int) -> Iterator[Entries]:
    """Yield the entries of one request at a time. What precedes damage is yielded before the error.

    Raises:
        ClickException: a line is too long.
        OSError, EOFError, zlib.error: the file cannot be read to its end.
    """
    entries = Entries("", skip + 1)
    size = 0
    texts = _entries(file)
    for number in count(1):
        try:
            text = next(texts, None)
        except (OSError, EOFError, zlib.error):
            if entries.texts:
                yield entries
            raise
        if text is None:
            break
        if number <= skip:
            continue
        found = _OTLP.match(text)
        signal = _SIGNALS[found[1]] if found else ""
        is_blank = not text.strip()
        if entries.texts and (
            (signal != entries.signal and not is_blank)
            or len(entries.texts) >= _ENTRIES_PER_REQUEST
            or size >= _BYTES_PER_REQUEST
        ):
            yield entries
            entries, size = Entries("", number), 0
        if not is_blank:
            entries.signal = signal
            entries.numbers.append(number)
        entries.texts.append(text)
        size += len(text)
    if entries.texts:
        yield entries


def _entries(file: Source) -> Iterator[bytes]:
    """Yield the lines of a file, or the elements of an array, each with a line end."""
    if not file.peek(_PEEK_BYTES).lstrip(_BLANK).startswith(b"["):
        yield from _lines(file)
        return
    text = file.read(_READ_BYTES).lstrip(_BLANK)
    splitter = ItemSplitter(text)
    for part in chain([text], iter(lambda: file.read(_READ_BYTES), b"")):
        yield from map(_one_line, splitter.feed(part))
    yield from map(_one_line, splitter.end())


def _one_line(item: bytes) -> bytes:
    """Return JSON without line ends: strings of JSON contain none."""
    return item.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def _lines(file: Source) -> Iterator[bytes]:
    """Yield the lines of a file.

    Raises:
        ClickException: a line is too long.
    """
    number = 0
    while line := file.readline(_MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > _MAX_LINE_BYTES:
            message = f"Line {number:,} has more than {_MAX_LINE_BYTES >> 20} MiB: expected one envelope per line."
            raise click.ClickException(message)
        yield line
