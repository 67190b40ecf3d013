"""Where envelopes wait that could not be delivered: OpenCensus' folder of files, mended."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from telemetry.stock import LocalFileBlob, LocalFileStorage

_MAX_BYTES = 50 * 1024 * 1024
_RETENTION = timedelta(days=7)
_WRITE_TIMEOUT = timedelta(minutes=1)


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H%M%S.%f")


class Blob(LocalFileBlob):  # type: ignore[misc]
    """One file of envelopes, one a line."""

    fullpath: str

    def lease(self, period: float) -> Self | None:
        """Reserve the file for `period` seconds; None when another process was faster.

        The lease is in the file's name, as OpenCensus has it.
        """
        name = self.fullpath.partition("@")[0]
        leased = f"{name}@{_stamp(datetime.now(UTC) + timedelta(seconds=period))}.lock"
        try:
            Path(self.fullpath).rename(leased)
        except OSError:
            return None
        self.fullpath = leased
        return self


class Storage(LocalFileStorage):  # type: ignore[misc]
    """A folder of undelivered envelopes, closed to other users.

    OpenCensus shares one world-readable folder among all services with the same key, scans it with a thread of its
    own, and leaves an empty file behind when a value cannot be written. Here each role has its folder; what has
    expired is removed on the way; a file appears under its name only when it is complete.
    """

    def __init__(self, path: Path) -> None:
        # The constructor of the base class would start the scanning thread.
        self.path = str(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(0o700)

    def close(self) -> None:
        """Do nothing: there is no thread to stop."""

    def put(self, data: list[dict[str, Any]], lease_period: float = 0) -> Blob | None:
        """Keep envelopes; no one reads them for `lease_period` seconds.

        Returns:
            None when they could not be kept: the folder holds 50 MiB already, or the disk refuses.
        """
        now = datetime.now(UTC)
        folder = Path(self.path)
        text = "".join(json.dumps(envelope, default=str) + "\n" for envelope in data)
        name = f"{_stamp(now)}-{secrets.token_hex(4)}.blob"
        try:
            if sum(entry.stat().st_size for entry in folder.iterdir()) + len(text) > _MAX_BYTES:
                return None
            partial = folder / f"{name}.tmp"
            partial.write_text(text, encoding="utf-8")
            if lease_period:
                name = f"{name}@{_stamp(now + timedelta(seconds=lease_period))}.lock"
            return Blob(str(partial.rename(folder / name)))
        except OSError:
            return None

    def gets(self) -> Iterator[Blob]:
        """The files that no one holds a lease on, oldest first; expired ones are removed."""
        now = datetime.now(UTC)
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
                yield Blob(str(path))
