"""The command `insights serve`: run the server until SIGINT or SIGTERM."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from local_insights.cli.options import data_option, load_settings

if TYPE_CHECKING:
    from local_insights.settings import Settings
    from local_insights.store.contract import Store

EXPOSED = """\
WARNING: LISTENING ON {address}. There is no login: any client that reaches this address can read all telemetry and
send more. In a container, publish the port on 127.0.0.1 and set INSIGHTS_PUBLISHED_ON=127.0.0.1.
Without a container, use --host."""


def serve_command(open_store: Callable[["Settings"], "Store"]) -> click.Command:
    """Return the command `serve`.

    Args:
        open_store: opens the store; raises `StoreError` if that is not possible.
    """

    @click.command("serve")
    @click.option("--host", help="Address to listen on [env INSIGHTS_HOST].")
    @click.option(
        "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0: a free port [env INSIGHTS_PORT]."
    )
    @data_option
    def serve(host: str | None, port: int | None, data: Path | None) -> None:
        """Run the server: ingest telemetry and serve the portal. Ctrl-C (SIGINT) or SIGTERM stops it."""
        run_server(load_settings({"host": host, "port": port, "data_dir": data}), open_store)

    return serve


def run_server(settings: "Settings", open_store: Callable[["Settings"], "Store"]) -> None:
    """Run the server until SIGINT or SIGTERM.

    Raises:
        ClickException: the port cannot be bound or the store cannot be opened; the message contains the remedy.
    """
    os.umask(0o077)  # telemetry may contain personal data: files that this process creates belong to its user only
    # Commands of a client do not load these modules.
    import asyncio  # noqa: PLC0415

    from local_insights.app import create_app  # noqa: PLC0415
    from local_insights.http import server  # noqa: PLC0415
    from local_insights.retention import Limits, Retention  # noqa: PLC0415
    from local_insights.store.contract import StoreError  # noqa: PLC0415

    try:
        listener = server.listen(settings.host, settings.port)
        tls_listener = server.tls_listener(settings)
        store = open_store(settings)
    except (StoreError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if settings.is_exposed:
        click.echo(EXPOSED.format(address=settings.published_on or settings.host), err=True)
    retention = Retention(store, Limits(settings.keep_days, settings.max_store_bytes))
    stopping = asyncio.Event()
    ready = f"Local Insights: http://{server.address(listener)}/map\nData: {settings.data_dir.resolve()}"
    if tls_listener is not None:
        ready += f"\nTLS: https://{server.address(tls_listener.socket)} (trust: insights certificate)"
    try:
        retention.start()
        server.run(
            create_app(settings, store, stopping),
            listener,
            stopping,
            on_ready=lambda: click.echo(ready),
            tls_listener=tls_listener,
            client_timeout_s=settings.client_timeout_s,
        )
    finally:
        retention.stop()
        store.close()
