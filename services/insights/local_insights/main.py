"""The entry point of `insights`, and the only module that selects a store engine."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from local_insights.cli.backup import export_command, import_command
from local_insights.cli.certificate import certificate_command
from local_insights.cli.demo import demo_command
from local_insights.cli.map import map_command
from local_insights.cli.serve import serve_command

if TYPE_CHECKING:
    from local_insights.settings import Settings
    from local_insights.store.contract import Store

DISTRIBUTION = "local-insights"


def main() -> None:
    """Run the command line `insights`."""
    command_line()(prog_name="insights")


def command_line() -> typer.Typer:
    """Return the command line. `insights --help` lists the commands in the order of registration."""
    app = typer.Typer(no_args_is_help=True, add_completion=False)
    app.callback()(_insights)
    app.command("serve")(serve_command(open_store))
    app.command("demo")(demo_command)
    app.command("map")(map_command)
    app.command("export")(export_command)
    app.command("import")(import_command)
    app.command("certificate")(certificate_command)
    return app


def open_store(settings: "Settings") -> "Store":
    """Open the store of the server. To use another engine, change this function.

    Raises:
        StoreError: the data directory cannot be used.
    """
    from local_insights.store.duckdb.store import DuckDBStore  # noqa: PLC0415 (commands of a client do not load DuckDB)

    return DuckDBStore(
        settings.data_dir, memory_limit_mb=settings.memory_limit_mb, time_limit_s=settings.query_timeout_s
    )


def _print_version(*, requested: bool) -> None:
    if requested:
        typer.echo(f"{DISTRIBUTION} {version(DISTRIBUTION)}")
        raise typer.Exit


def _insights(
    *,
    _: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Local Insights: a local Application Insights server."""
