"""The command `insights`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from local_insights.cli.backup import export_command, import_command
from local_insights.cli.map import map_command

if TYPE_CHECKING:
    from local_insights.settings import Settings

ServeCommand = Callable[["Settings"], None]


def command_line(serve_command: ServeCommand) -> typer.Typer:
    """The commands.

    Args:
        serve_command: runs the server; given by `main`, which alone knows the store's engine.
    """
    app = typer.Typer(help="A local Application Insights.", no_args_is_help=True, add_completion=False)
    app.command("map")(map_command)
    app.command("export")(export_command)
    app.command("import")(import_command)

    @app.command()
    def serve(
        host: Annotated[str | None, typer.Option(help="Address to listen on [env INSIGHTS_HOST].")] = None,
        port: Annotated[
            int | None, typer.Option(help="Port to listen on [env INSIGHTS_PORT].", min=0, max=65535)
        ] = None,
        data: Annotated[Path | None, typer.Option(help="Directory of the store [env INSIGHTS_DATA_DIR].")] = None,
    ) -> None:
        """Take telemetry in and show the Application Map."""
        given = {"host": host, "port": port, "data_dir": data}
        serve_command(_settings({name: value for name, value in given.items() if value is not None}))

    @app.command()
    def certificate(
        data: Annotated[Path | None, typer.Option(help="Directory of the store [env INSIGHTS_DATA_DIR].")] = None,
    ) -> None:
        """Show the certificate that the server speaks TLS with, and how to trust it."""
        from local_insights.cli.certificate import print_certificate  # noqa: PLC0415 (as above)
        from local_insights.http import certificate as certificates  # noqa: PLC0415 (other commands do without)

        settings = _settings({} if data is None else {"data_dir": data})
        names = certificates.server_names(settings.host, settings.tls_names)
        try:
            kept = certificates.certificate(settings.data_dir.resolve(), names)
        except certificates.CertificateError as error:
            fail(str(error))
        print_certificate(kept, settings.tls_port)

    return app


def fail(message: str, code: int = 1) -> NoReturn:
    """End the command with a message and without a traceback."""
    typer.echo(f"insights: {message}", err=True)
    raise typer.Exit(code)


def _settings(given: Mapping[str, object]) -> "Settings":
    """The settings from the environment, but for what was given on the command line."""
    from pydantic import ValidationError  # noqa: PLC0415 (a third of a second that other commands do without)

    from local_insights.settings import Settings  # noqa: PLC0415 (as above)

    try:
        return Settings.model_validate({**Settings().model_dump(), **given})
    except ValidationError as error:
        faults = (f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
        fail(f"settings (environment INSIGHTS_…): {'; '.join(faults)}", code=2)
