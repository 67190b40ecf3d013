"""The console program: reads values, sends them to the frontend, prints the responses."""

import argparse
import io
import sys
from collections.abc import Sequence

from prompt.frontend import Frontend, FrontendError
from prompt.settings import PromptSettings
from telemetry import Telemetry, TelemetrySettings
from telemetry.integrations.requests import trace_requests

PROMPT = "Enter a value: "


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: The command line; defaults to that of the process.

    Returns:
        The exit status: 1 if the value of `--value` was not stored, otherwise 0. The end of the input and Ctrl-C are
        the ordinary ways to leave the loop.
    """
    options = _parser().parse_args(arguments)
    settings = PromptSettings()
    _accept_any_text()
    with (
        Telemetry(TelemetrySettings(role="prompt", console=options.print_spans)) as telemetry,
        Frontend(str(settings.frontend_url), settings.timeout_s) as frontend,
    ):
        trace_requests(telemetry)
        try:
            if options.value is not None:
                return 0 if send(options.value, frontend, telemetry) else 1
            send_all(frontend, telemetry)
        except KeyboardInterrupt:
            print()  # noqa: T201 - ends the line of the prompt
        return 0


def send_all(frontend: Frontend, telemetry: Telemetry) -> None:
    """Read values and send them until the input ends; continue after errors."""
    while True:
        try:
            value = input(PROMPT)
        except EOFError:
            print()  # noqa: T201 - ends the line of the prompt
            return
        send(value, frontend, telemetry)


def send(value: str, frontend: Frontend, telemetry: Telemetry) -> bool:
    """Send one value as an operation, and print its echo or the error.

    The span starts after the value was read: it measures the mesh, not the typing.

    Returns:
        True if the value was echoed and stored.
    """
    with telemetry.span("prompt"):
        try:
            echoed = frontend.send(value)
        except FrontendError as error:
            print(error, file=sys.stderr, flush=True)  # noqa: T201 - a console program prints
            return False
        print(echoed, flush=True)  # noqa: T201 - a console program prints
        return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prompt", description=__doc__)
    parser.add_argument("--value", help="send this value and exit")
    parser.add_argument("--print-spans", action="store_true", help="also print the SpanData of every span")
    return parser


def _accept_any_text() -> None:
    """Accept input bytes that are not text, which the frontend rejects; escape output that the terminal cannot show."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
