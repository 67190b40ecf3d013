"""The entry point of `insights`, and the only module that selects a store engine."""

from typing import TYPE_CHECKING

import click

from local_insights.cli.backup import export_command
from local_insights.cli.certificate import certificate_command
from local_insights.cli.demo import demo_command
from local_insights.cli.import_file import import_command
from local_insights.cli.map import map_command
from local_insights.cli.serve import serve_command

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from local_insights.settings import Settings
    from local_insights.store.contract import OfflineReader, Store


def main() -> None:
    """Run the command line `insights`."""
    command_line()(prog_name="insights")


def command_line() -> click.Group:
    """Return the command line. `insights --help` lists the commands in this order."""

    @click.group(cls=_GroupInOrder)
    @click.version_option(package_name="local-insights")
    def insights() -> None:
        """Local Insights: a local Application Insights server."""

    for command in (
        serve_command(open_store),
        demo_command,
        map_command,
        export_command(open_offline),
        import_command,
        certificate_command,
    ):
        insights.add_command(command)
    return insights


def open_store(settings: "Settings") -> "Store":
    """Open the store of the server. To use another engine, change this function.

    Raises:
        StoreError: the data directory cannot be used.
    """
    from local_insights.store.duckdb.store import DuckDBStore  # noqa: PLC0415 (commands of a client do not load DuckDB)

    return DuckDBStore(
        settings.data_dir,
        memory_limit_mb=settings.memory_limit_mb,
        time_limit_s=settings.query_timeout_s,
        max_bytes=settings.max_store_bytes,
    )


def open_offline(directory: "Path") -> "AbstractContextManager[OfflineReader]":
    """Open a data directory that no server uses, for reading.

    Raises:
        StoreError: nothing can be read. Raised on entry to the context.
    """
    from local_insights.store.duckdb import offline  # noqa: PLC0415 (commands of a client do not load DuckDB)

    return offline.open_offline(directory)


class _GroupInOrder(click.Group):
    """A group that lists its commands in order of registration instead of by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)
