"""The error of this package."""


class RunningError(Exception):
    """The mesh cannot run as configured. The text is for the user: what failed, and what to do."""
