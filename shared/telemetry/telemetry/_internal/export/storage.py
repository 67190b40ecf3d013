"""Files of envelopes that could not be sent: OpenCensus' local storage with fixes."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from telemetry._internal._opencensus import LocalFileBlob, LocalFileStorage
from telemetry._internal.ids_and_clock import SYSTEM_CLOCK, Clock

_MAX_BYTES = 50 * 1024 * 1024
_RETENTION = timedelta(days=7)
_WRITE_TIMEOUT = timedelta(minutes=1)


_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9.]+(-[0-9a-f]+)?\.blob")


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H%M%S.%f")


class Blob(LocalFileBlob):  # type: ignore[misc]
    """A file of envelopes, one per line."""

    fullpath: str

    def __init__(self, fullpath: str, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(fullpath)
        self._clock = clock

    def lease(self, period: float) -> Self | None:
        """Reserve the file for `period` seconds; return None when another process has reserved it.

        As in OpenCensus, the end of the lease is part of the file name.
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
    """A folder of envelopes that could not be sent: not readable for other users, at most 50 MiB and 7 days.

    OpenCensus shares one world-readable folder among all services with the same key, scans it with a thread, rejects
    the newest envelopes when it is full, and leaves an empty file when a value cannot be serialized. Here each role has
    one folder per destination. Expired files are removed during reads, the oldest files during writes to a full folder.
    A file gets its name when it is complete. The folder is created on first use, so that a read-only disk has no effect
    before that.
    """

    def __init__(self, path: Path, clock: Clock = SYSTEM_CLOCK) -> None:
        # Does not call the base class, whose constructor creates the folder and starts the scanning thread.
        self.path = str(path)
        self._clock = clock
        self._discarded = 0

    def prepare(self) -> None:
        """Create the folder with access for this user only.

        Raises:
            OSError: The folder cannot be created, is a symbolic link, or another user owns it or its parent.
        """
        folder = Path(self.path)
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_owner(folder.parent, folder.parent.lstat().st_uid, os.geteuid(), also_root=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        self._restrict()

    def _restrict(self) -> None:
        """Set the access of the existing folder.

        Raises:
            OSError: There is no folder, it is a symbolic link, or another user owns it or its parent.
        """
        folder = Path(self.path)
        require_owner(folder.parent, folder.parent.lstat().st_uid, os.geteuid(), also_root=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            require_owner(folder, os.fstat(descriptor).st_uid, os.geteuid())
            os.fchmod(descriptor, 0o700)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Do nothing: there is no thread to stop."""

    def put(self, data: list[dict[str, Any]], lease_period: float = 0) -> Blob | None:
        """Write envelopes to a new file that is reserved for `lease_period` seconds.

        Returns:
            The file; None when it could not be written.
        """
        now = _now(self._clock)
        folder = Path(self.path)
        text = "".join(json.dumps(envelope, default=str) + "\n" for envelope in data)
        name = f"{_stamp(now)}-{secrets.token_hex(4)}.blob"
        partial = folder / f"{name}.tmp"
        try:
            self.prepare()
            self._make_room(len(text))
            partial.touch(mode=0o600)
            partial.write_text(text, encoding="utf-8")
            if lease_period:
                name = f"{name}@{_stamp(now + timedelta(seconds=lease_period))}.lock"
            return Blob(str(partial.rename(folder / name)), self._clock)
        except OSError:
            with suppress(OSError):
                partial.unlink()  # on a full disk, it would take the space that is left
            return None

    def gets(self) -> Iterator[Blob]:
        """Iterate over the files without a lease, oldest first; expired files are removed.

        Files with other names, and a folder that `prepare` rejects, are left unchanged.
        """
        now = _now(self._clock)
        try:
            self._restrict()
            paths = sorted(path for path in Path(self.path).iterdir() if _NAME.match(path.name))
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

    def pop_discarded_count(self) -> int:
        """Return how many envelopes have been removed since the last call to make room for newer ones."""
        discarded, self._discarded = self._discarded, 0
        return discarded

    def _make_room(self, size: int) -> None:
        """Remove the oldest files until `size` more bytes fit."""
        sizes = {path: _size(path) for path in sorted(Path(self.path).iterdir())}
        excess = sum(sizes.values()) + size - _MAX_BYTES
        for path, freed in sizes.items():
            if excess <= 0:
                return
            with suppress(FileNotFoundError):  # sent by another process of the role
                self._discarded += path.read_bytes().count(b"\n")
                path.unlink()
            excess -= freed


def require_owner(path: Path, owner: int, user: int, *, also_root: bool = False) -> None:
    """Return if the user owns a path. In a folder of another user, that user could replace the files.

    Raises:
        PermissionError: another user owns the path.
    """
    if owner != user and not (also_root and owner == 0):
        message = f"{path} belongs to another user (id {owner})"
        raise PermissionError(message)


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):  # sent by another process of the role
        return path.stat().st_size
    return 0


def _now(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.time_ns() / 1e9, UTC)
