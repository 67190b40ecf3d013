"""Migration of a file to the current schema version.

A copy of the file is migrated, and replaces the file at the end. An interruption or an error at any time leaves the
file as it was, and the next start begins again.
"""

import logging
import os
import shutil
from pathlib import Path

import duckdb

from local_insights.store.contract import StoreError
from local_insights.store.duckdb.config import Config
from local_insights.store.duckdb.schema import Schema, require_columns

_log = logging.getLogger(__name__)

COPY_SUFFIX = ".migrating"
_SPACE_FACTOR = 2
"""Free disk space that a migration needs, in sizes of the file: the copy, and columns that it rewrites."""


def migrate(path: Path, version: int, schema: Schema, config: Config) -> None:
    """Bring a file to the current schema version.

    The caller prevents that another process opens the file. The file is closed and has no log.

    Args:
        path: the file.
        version: its version, at least 1.
        schema: the schema to migrate to.
        config: options of DuckDB.

    Raises:
        StoreError: the migration failed. The file is unchanged.
    """
    copy = path.with_name(path.name + COPY_SUFFIX)
    try:
        _require_space(path)
        shutil.copyfile(path, copy)
        with duckdb.connect(str(copy), config=config) as connection:
            apply_steps(connection, version, schema)
            require_columns(connection, copy, schema)
            connection.execute("CHECKPOINT")
        copy.replace(path)
        _sync_directory(path.parent)
    except (duckdb.Error, OSError, StoreError) as error:
        message = (
            f"{path} has schema version {version} and could not be migrated to version {schema.version}: {error}. "
            "The file is unchanged"
        )
        raise StoreError(message) from error
    finally:
        remove_incomplete_copy(path)
    _log.warning("%s was migrated from schema version %s to %s", path, version, schema.version)


def apply_steps(connection: duckdb.DuckDBPyConnection, version: int, schema: Schema) -> None:
    """Run the steps from a version to the current one, and store the new version, in one transaction."""
    connection.begin()
    for step in schema.steps[version - 1 :]:
        connection.execute(step)
    connection.execute("UPDATE schema_version SET version = ?", [schema.version])
    connection.commit()


def remove_incomplete_copy(path: Path) -> None:
    """Delete what an interrupted migration left."""
    copy = path.with_name(path.name + COPY_SUFFIX)
    for name in (copy, copy.with_name(f"{copy.name}.wal")):
        name.unlink(missing_ok=True)


def _require_space(path: Path) -> None:
    needed = _SPACE_FACTOR * path.stat().st_size
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        message = f"{needed >> 20} MiB of free disk space are needed, {free >> 20} MiB are free"
        raise StoreError(message)


def _sync_directory(directory: Path) -> None:
    """Make the replacement durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
