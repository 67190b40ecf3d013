"""Where envelopes wait that could not be delivered: OpenCensus' folder of files, mended."""

import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from telemetry._internal._opencensus import LocalFileBlob, LocalFileStorage
from telemetry._internal.tracing.ids_and_clock import MACHINE_CLOCK, Clock

_MAX_BYTES = 50 * 1024 * 1024
_RETENTION = timedelta(days=7)
_WRITE_TIMEOUT = timedelta(minutes=1)


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H%M%S.%f")


class Blob(LocalFileBlob):  # type: ignore[misc]
    """One file of envelopes, one a line."""

    fullpath: str

    def __init__(self, fullpath: str, clock: Clock = MACHINE_CLOCK) -> None:
        super().__init__(fullpath)
        self._clock = clock

    def lease(self, period: float) -> Self | None:
        """Reserve the file for `period` seconds; None when another process was faster.

        The lease is in the file's name, as OpenCensus has it.
        """
        name = self.fullpath.partition("@")[0]
        leased = f"{name}@{_stamp(_now(self._clock) + timedelta(seconds=period))}.lock"
        try:
            Path(self.fullpath).rename(leased)
        except OSError:
            return None
        self.fullpath = leased
        return self


class Storage(LocalFileStorage):  # type: ignore[misc]
    """A folder of undelivered envelopes, closed to other users, of 50 MiB and 7 days at most.

    OpenCensus shares one world-readable folder among all services with the same key, scans it with a thread of its
    own, refuses the newest when it is full, and leaves an empty file behind when a value cannot be written. Here each
    role has a folder for each destination; what has expired is removed on the way, and the oldest when there is no
    more room; a file appears under its name only when it is complete. The folder is made when it is first needed, so
    that a disk that cannot be written costs nothing until then.
    """

    def __init__(self, path: Path, clock: Clock = MACHINE_CLOCK) -> None:
        # The constructor of the base class would make the folder, and start the scanning thread.
        self.path = str(path)
        self._clock = clock
        self._discarded = 0

    def prepare(self) -> None:
        """Make the folder, and close it to others.

        Raises:
            OSError: It cannot be made.
        """
        folder = Path(self.path)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)

    def close(self) -> None:
        """Do nothing: there is no thread to stop."""

    def put(self, data: list[dict[str, Any]], lease_period: float = 0) -> Blob | None:
        """Keep envelopes; no one reads them for `lease_period` seconds.

        Returns:
            None when they could not be kept: the disk refuses.
        """
        now = _now(self._clock)
        folder = Path(self.path)
        text = "".join(json.dumps(envelope, default=str) + "\n" for envelope in data)
        name = f"{_stamp(now)}-{secrets.token_hex(4)}.blob"
        try:
            self.prepare()
            self._make_room(len(text))
            partial = folder / f"{name}.tmp"
            partial.write_text(text, encoding="utf-8")
            if lease_period:
                name = f"{name}@{_stamp(now + timedelta(seconds=lease_period))}.lock"
            return Blob(str(partial.rename(folder / name)), self._clock)
        except OSError:
            return None

    def gets(self) -> Iterator[Blob]:
        """The files that no one holds a lease on, oldest first; expired ones are removed."""
        now = _now(self._clock)
        try:
            paths = sorted(Path(self.path).iterdir())
        except OSError:
            return
        for path in paths:
            base, _, lease = path.name.partition("@")
            if path.suffix == ".tmp":
                if base < _stamp(now - _WRITE_TIMEOUT):
                    path.unlink(missing_ok=True)
            elif base < _stamp(now - _RETENTION):
                path.unlink(missing_ok=True)
            elif not lease or lease.removesuffix(".lock") <= _stamp(now):
                yield Blob(str(path), self._clock)

    def take_discarded(self) -> int:
        """How many envelopes have been removed, since this was last asked, to make room for newer ones."""
        discarded, self._discarded = self._discarded, 0
        return discarded

    def _make_room(self, size: int) -> None:
        """Remove the oldest files until `size` more bytes fit."""
        sizes = {path: _size(path) for path in sorted(Path(self.path).iterdir())}
        excess = sum(sizes.values()) + size - _MAX_BYTES
        for path, freed in sizes.items():
            if excess <= 0:
                return
            with suppress(FileNotFoundError):  # another process of the role has sent it
                self._discarded += path.read_bytes().count(b"\n")
                path.unlink()
            excess -= freed


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):  # another process of the role has sent it
        return path.stat().st_size
    return 0


def _now(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.time_ns() / 1e9, UTC)
