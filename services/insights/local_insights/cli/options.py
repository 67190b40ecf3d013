"""Options, settings and error output that several commands share."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from local_insights.settings import Settings

DataOption = Annotated[Path | None, typer.Option("--data", help="Directory of the store [env INSIGHTS_DATA_DIR].")]
_FAILED = 1
_INVALID_SETTINGS = 2


def load_settings(options: Mapping[str, object]) -> "Settings":
    """Return the settings of the environment, overridden by command line options that are not None.

    An invalid setting ends the command with exit code 2 and a message that names the setting.
    """
    from pydantic import ValidationError  # noqa: PLC0415 (takes 0.3 s; commands without settings do not load it)

    from local_insights.settings import Settings  # noqa: PLC0415 (as above)

    overrides = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings.model_validate({**Settings().model_dump(), **overrides})
    except ValidationError as error:
        details = (f"{'.'.join(str(part) for part in entry['loc'])}: {entry['msg']}" for entry in error.errors())
        fail(f"invalid settings (environment INSIGHTS_…): {'; '.join(details)}", _INVALID_SETTINGS)


def fail(message: str, code: int = _FAILED) -> NoReturn:
    """Print an error message to stderr and end the command with an exit code, without a traceback."""
    typer.echo(f"Error: {message}", err=True)
    raise typer.Exit(code)
