"""The entry point, and the only place that picks the store's engine."""

from typing import TYPE_CHECKING

import typer

from local_insights.cli.commands import command_line, fail

if TYPE_CHECKING:
    from local_insights.http.server import Secure
    from local_insights.settings import Settings

EXPOSED = """\
WARNING: LISTENING ON {address}. There is no login: whoever reaches it can read all telemetry and send more.
In a container, publish the port on 127.0.0.1 and say so by INSIGHTS_PUBLISHED_ON=127.0.0.1; elsewhere use --host."""


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

    from local_insights.app import create_app  # noqa: PLC0415
    from local_insights.http import server  # noqa: PLC0415
    from local_insights.retention import Limits, Retention  # noqa: PLC0415
    from local_insights.store.contract import StoreError  # noqa: PLC0415
    from local_insights.store.duckdb.store import DuckDBStore  # noqa: PLC0415

    try:
        listening = server.listen(settings.host, settings.port)
        secure = _secure(settings)
        store = DuckDBStore(
            settings.data_dir, memory_limit_mb=settings.memory_limit_mb, time_limit_s=settings.query_timeout_s
        )
    except (StoreError, OSError) as error:
        fail(str(error))
    if settings.is_exposed:
        typer.echo(EXPOSED.format(address=settings.published_on or settings.host), err=True)
    max_bytes = None if settings.max_store_mb is None else settings.max_store_mb * 1024 * 1024
    retention = Retention(store, Limits(settings.keep_days, max_bytes))
    stopping = asyncio.Event()
    ready = f"Local Insights: http://{server.address(listening)}/map\nData: {settings.data_dir.resolve()}"
    if secure is not None:
        ready += f"\nTLS: https://{server.address(secure.listening)} (trust: insights certificate)"
    try:
        retention.start()
        server.run(
            create_app(settings, store, stopping),
            listening,
            stopping,
            on_ready=lambda: typer.echo(ready),
            secure=secure,
        )
    finally:
        retention.stop()
        store.close()


def _secure(settings: "Settings") -> "Secure | None":
    if settings.tls_port is None:
        return None
    from local_insights.http.tls import secure_listener  # noqa: PLC0415 (a tenth of a second that most servers do without)

    return secure_listener(settings, settings.tls_port)


if __name__ == "__main__":
    main()
