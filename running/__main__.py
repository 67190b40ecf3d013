"""The commands that the Makefile calls."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping

from running import lifecycle
from running.demo import PROMPT, demo
from running.errors import RunningError
from running.settings import Settings
from running.supervision import Supervisor
from running.traffic import traffic

ENDED_BY_CTRL_C = 128 + signal.SIGINT


def up(settings: Settings) -> None:
    """Start everything and print the addresses."""
    lifecycle.up(settings)
    print("The mesh is up.")
    print(f"  The page:            {settings.url('frontend')}/")
    print(f"  The Application Map: {settings.url('insights')}/map")
    print(f"  Logs:                {settings.state_dir / 'logs'} (make logs)")


def down(settings: Settings) -> None:
    """Stop everything."""
    print("The mesh is down." if lifecycle.down(settings) else "Nothing was running.")


def clean(settings: Settings) -> None:
    """Stop everything and delete the data, logs and passwords of the mesh."""
    lifecycle.clean(settings)


def up_and_demo(settings: Settings) -> None:
    """Start everything, send three values and print their map."""
    up(settings)
    demo(settings)


def up_and_traffic(settings: Settings) -> None:
    """Start everything and send a mixed load."""
    up(settings)
    traffic(settings)


def up_and_prompt(settings: Settings) -> None:
    """Start everything and replace this process by the console program."""
    up(settings)
    environment = settings.environment(mysql_password="")
    os.execve(PROMPT, [str(PROMPT)], environment)  # noqa: S606 - the project's own console program


def stop(settings: Settings, program: str) -> None:
    """Stop one program until the next `up`, to see how the others respond to the failure."""
    supervisor = Supervisor(settings.state_dir)
    if supervisor.identity() is None:
        message = "Nothing is running. Start it with: make up"
        raise RunningError(message)
    if program not in settings.ports:
        message = f"Unknown program {program!r}. Expected one of: {', '.join(settings.ports)}."
        raise RunningError(message)
    supervisor.stop_program(program)
    print(f"{program} is stopped. `make up` starts it again.")


COMMANDS: Mapping[str, Callable[[Settings], None]] = {
    "up": up,
    "down": down,
    "clean": clean,
    "demo": up_and_demo,
    "traffic": up_and_traffic,
    "prompt": up_and_prompt,
}


def main() -> int:
    """Run one command. Return the exit code: 0 success, 1 failure, 130 Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m running", description="Run the mesh on this machine.")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__).set_defaults(run=command)
    stopper = commands.add_parser("stop", help=stop.__doc__)
    stopper.add_argument("program")
    stopper.set_defaults(run=stop)
    arguments = vars(parser.parse_args())
    run = arguments.pop("run")
    try:
        run(Settings.from_environment(), **arguments)
    except RunningError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return ENDED_BY_CTRL_C
    return 0


if __name__ == "__main__":
    sys.exit(main())
