"""The console program: asks for a value, sends it to the frontend, prints what comes back."""

import argparse
import io
import sys
from collections.abc import Sequence

from prompt.frontend import Frontend, FrontendError
from prompt.settings import PromptSettings
from telemetry import Telemetry, TelemetrySettings
from telemetry.integrations.requests import trace_requests

QUESTION = "Enter a value: "


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: The command line; by default the process's own.

    Returns:
        The exit status: 1 when a value given by `--value` did not come back; 0 otherwise, and so at the end of the
        input and after Ctrl-C, the two ordinary ways to leave the loop.
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
            converse(frontend, telemetry)
        except KeyboardInterrupt:
            print()  # noqa: T201 - the shell's next line must not begin behind the question
        return 0


def converse(frontend: Frontend, telemetry: Telemetry) -> None:
    """Ask for values until the input ends. A value that does not come back ends nothing."""
    while True:
        try:
            value = input(QUESTION)
        except EOFError:
            print()  # noqa: T201 - see above: Ctrl-D leaves the cursor behind the question
            return
        send(value, frontend, telemetry)


def send(value: str, frontend: Frontend, telemetry: Telemetry) -> bool:
    """Send one value, as an operation of its own, and print what comes back.

    The span begins when the value is there: it measures the mesh, not the typist.

    Returns:
        Whether the value came back.
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
    parser.add_argument("--value", help="send this one value instead of asking")
    parser.add_argument("--print-spans", action="store_true", help="print the SpanData of every span as well")
    return parser


def _accept_any_text() -> None:
    """Let bytes that are not text in, for the frontend to refuse, and any text out, whatever the terminal can show."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
