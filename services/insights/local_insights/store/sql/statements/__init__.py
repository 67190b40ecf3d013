"""The SQL statements, one per file, in the subset of SQL that DuckDB and ClickHouse share."""

from importlib import resources


def read_sql(name: str, package: str = __name__) -> str:
    """Return the text of the file `<name>.sql` of a package."""
    return resources.files(package).joinpath(f"{name}.sql").read_text("utf-8")
