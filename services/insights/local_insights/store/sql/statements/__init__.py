"""The SQL statements, one per file, in the subset of SQL that DuckDB and ClickHouse share.

A duration is multiplied by a weight as `Int128`: the largest product, of 999 days and 1,000,000, exceeds BIGINT.
"""

from importlib import resources


def read_sql(name: str, package: str = __name__) -> str:
    """Return the text of the file `<name>.sql` of a package."""
    return resources.files(package).joinpath(f"{name}.sql").read_text("utf-8")
