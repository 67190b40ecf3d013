"""Programs from Debian's packages without installing them: downloaded with apt, unpacked to a directory.

apt checks signatures and checksums, and selects the packages that are missing on the machine. Its lists and its cache
are in a temporary directory, so it needs no root.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from running.commands import run
from running.errors import RunningError


def unpack(packages: list[str], root: Path) -> None:
    """Download packages with their missing dependencies, and unpack them to `root`. Do nothing if `root` exists.

    Raises:
        RunningError: The machine has no apt, or the packages cannot be downloaded or unpacked.
    """
    if root.exists():
        return
    root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix="packages-") as work:
        unpacked = Path(work) / "unpacked"
        for archive in _fetch(packages, Path(work)):
            run(["dpkg-deb", "--extract", archive, unpacked])
        unpacked.rename(root)


def library_path(root: Path) -> str:
    """Return the `LD_LIBRARY_PATH` for the programs of an unpacked tree."""
    return os.pathsep.join(
        str(found) for pattern in ("usr/lib/*-linux-*", "lib/*-linux-*") for found in root.glob(pattern)
    )


def _fetch(packages: list[str], work: Path) -> list[Path]:
    if not shutil.which("apt-get"):
        message = "this machine has no apt-get to download packages with"
        raise RunningError(message)
    lists, cache = work / "lists", work / "cache"
    (lists / "partial").mkdir(parents=True)
    (cache / "archives" / "partial").mkdir(parents=True)
    options = {
        "Dir::State::Lists": lists,
        "Dir::Cache": cache,
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
        "Acquire::http::Timeout": "15",
        "Acquire::https::Timeout": "15",
        "Debug::NoLocking": "1",  # the lock files belong to root; the files that they protect are not written
        "APT::Sandbox::User": "root",  # no change of user: the directories are the caller's
    }
    apt_get = ["apt-get", "--quiet=2", *(f"--option={name}={value}" for name, value in options.items())]
    with suppress(RunningError):  # a failed source may not be needed; if it is, the download fails
        run([*apt_get, "update"])
    run([*apt_get, "install", "--yes", "--no-install-recommends", "--download-only", *packages])
    archives = sorted((cache / "archives").glob("*.deb"))
    if not archives:
        message = f"{' and '.join(packages)} are installed already"
        raise RunningError(message)
    return archives
