"""The statements, one file each."""

from importlib import resources


def read_sql(name: str) -> str:
    """The text of the statement in the file `<name>.sql`."""
    return resources.files(__name__).joinpath(f"{name}.sql").read_text("utf-8")
