"""The data directory: created for the user only, and locked against a second server."""

import fcntl
import os
from pathlib import Path

from local_insights.store.contract import StoreError, StoreInUseError


class DataDirectory:
    """An open data directory, locked until `close`.

    The lock is on the directory, because a lock on a file does not outlive a replacement of the file.

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
