"""Options and settings that several commands share."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from local_insights.settings import Settings

data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Directory of the store [env INSIGHTS_DATA_DIR]."
)
server_option = click.option(
    "--server",
    envvar="INSIGHTS_URL",
    default="http://127.0.0.1:8080",
    show_default=True,
    help="Address of the running Local Insights server [env INSIGHTS_URL].",
)


class InvalidSettingsError(click.ClickException):
    """An error in the settings. It ends the command with exit code 2."""

    exit_code = 2


def load_settings(options: Mapping[str, object]) -> "Settings":
    """Return the settings of the environment, overridden by command line options that are not None.

    Raises:
        InvalidSettingsError: a setting is invalid; the message names it.
    """
    from local_insights.settings import SettingsError, read_settings  # noqa: PLC0415 (client commands have no settings)

    try:
        return read_settings(os.environ, options)
    except SettingsError as error:
        message = f"invalid settings (environment INSIGHTS_…): {error}"
        raise InvalidSettingsError(message) from error
