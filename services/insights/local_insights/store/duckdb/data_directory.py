"""The data directory: accessible to its owner only, and locked against a second server."""

import fcntl
import logging
import os
import stat
from fnmatch import fnmatch
from pathlib import Path

from local_insights.store.contract import StoreError, StoreInUseError

_log = logging.getLogger(__name__)

FILE_NAME = "insights.duckdb"
_OWN_NAMES = (f"{FILE_NAME}*", "tls", "damaged-*", ".reading-*")
"""Patterns of what the program creates in the directory."""


class DataDirectory:
    """An open data directory, locked until `close`.

    The lock is on the directory, because a lock on a file does not outlive a replacement of the file. Telemetry may
    contain personal data: other users have no access to the files, nor to a directory that contains nothing else.

    Args:
        path: the directory; created if it is missing, except for readers.
        shared: allow other readers.

    Raises:
        StoreError: the directory cannot be created or opened.
        StoreInUseError: another process uses it.
    """

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        try:
            if not shared:
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            message = f"the data directory {path} is not usable ({error.strerror}): choose another with --data"
            raise StoreError(message) from error
        if not shared:
            _restrict_access(path)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            message = (
                f"the data directory {path} is locked by another process: stop it, or choose another directory with "
                "--data"
            )
            raise StoreInUseError(message) from error
        except OSError:
            pass  # a file system without such locks, for example NFS: DuckDB locks the file

    def close(self) -> None:
        """Release the lock. A second call has no effect."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _restrict_access(directory: Path) -> None:
    """Remove the permissions of other users, which an earlier version or another umask has set."""
    paths = list(directory.iterdir())
    for path in paths:
        if fnmatch(path.name, f"{FILE_NAME}*") and path.is_file() and not path.is_symlink():
            _remove_permissions_of_others(path)
    if all(any(fnmatch(path.name, pattern) for pattern in _OWN_NAMES) for path in paths):
        _remove_permissions_of_others(directory)


def _remove_permissions_of_others(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        try:
            path.chmod(mode & stat.S_IRWXU)
        except OSError as error:
            _log.warning("%s is accessible to other users, which cannot be changed (%s)", path, error.strerror)
