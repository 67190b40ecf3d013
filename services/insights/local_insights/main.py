"""The entry point, and the only place that picks the store's engine."""

from typing import TYPE_CHECKING

import typer

from local_insights.cli import command_line, fail

if TYPE_CHECKING:
    from local_insights.settings import Settings


def main() -> None:
    """The command `insights`."""
    command_line(serve)()


def serve(settings: "Settings") -> None:
    """Run the server until it is told to stop.

    Raises:
        typer.Exit: the address or the store cannot be had; what to do was printed.
    """
    # Other commands talk to a running server and need nothing of this.
    import asyncio  # noqa: PLC0415

    from local_insights import server  # noqa: PLC0415
    from local_insights.app import create_app  # noqa: PLC0415
    from local_insights.store.contract import StoreError  # noqa: PLC0415
    from local_insights.store.engine.duckdb_store import DuckDBStore  # noqa: PLC0415

    try:
        listening = server.listen(settings.host, settings.port)
        store = DuckDBStore(
            settings.data_dir, memory_limit_mb=settings.memory_limit_mb, time_limit_s=settings.question_limit_s
        )
    except (server.ListenError, StoreError) as error:
        fail(str(error))
    host, port = listening.getsockname()[:2]
    stopping = asyncio.Event()
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    try:
        server.run(
            create_app(settings, store, stopping),
            listening,
            stopping,
            on_ready=lambda: typer.echo(f"Local Insights: {address}/map\nData: {settings.data_dir.resolve()}"),
        )
    finally:
        store.close()


if __name__ == "__main__":
    main()
