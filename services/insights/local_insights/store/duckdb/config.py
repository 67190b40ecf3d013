"""Options of DuckDB that all connections have."""

Config = dict[str, str | bool | int | float | list[str]]

COMMON: Config = {
    # DuckDB would download an extension, for example for a SQLite file. The program needs none and no network.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
