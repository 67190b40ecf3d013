"""Which MySQL connector this process really has."""

import mysql.connector

OLDEST_MAJOR_VERSION = 8
"""mysql-connector-python has numbered its releases after MySQL's since 8.0; `mysql-connector` stopped at 2.2.9."""


def require_mysql_connector_python(version: tuple[int | str, ...] = mysql.connector.__version_info__) -> None:
    """Refuse to run on `mysql-connector` 2.2.9.

    opencensus-ext-mysql asks for that package, which was abandoned in 2018 and unpacks into the same folders as
    mysql-connector-python: whichever is installed last overwrites the other.

    Args:
        version: The version of the `mysql.connector` that was imported.

    Raises:
        RuntimeError: It is the wrong one; the text says what to do.
    """
    if int(version[0]) < OLDEST_MAJOR_VERSION:
        message = (
            f"mysql.connector is version {'.'.join(str(part) for part in version)}, which is the abandoned package "
            "mysql-connector; expected mysql-connector-python. Uninstall both, then install mysql-connector-python."
        )
        raise RuntimeError(message)
