"""What can go wrong on the way to a running mesh."""


class RunningError(Exception):
    """The mesh cannot run, or not as asked. The text tells the user what happened and what to do."""
