"""Normalizes the type and target of a dependency, which SDKs spell differently.

Type and target identify the node of a dependency on the map, so two spellings would be two nodes.
"""

import re
from urllib.parse import urlsplit

BROWSER_TYPES = frozenset({"ajax", "fetch"})
"""Types of calls of the JavaScript SDK, in lower case. No other SDK uses them."""

_SERVER_TYPES = frozenset({"http", "https", "http (tracked component)"})
HTTP_TYPES = BROWSER_TYPES | _SERVER_TYPES
"""Types of HTTP calls, in lower case: of browsers, OpenCensus and OpenTelemetry, .NET and Node.js."""

UNKNOWN_TYPE = "N/A"
"""The type of a call whose SDK sent none, as the exporters of Azure Monitor name it."""

_DATABASE_TYPES = {
    "mysql": "MySQL",
    "mariadb": "mariadb",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "sql": "SQL",
    "mssql": "SQL",
    "sqlserver": "SQL",
    "microsoft.sql_server": "SQL",
    "mongo": "mongodb",
    "mongodb": "mongodb",
    "redis": "redis",
}
"""Types of databases: the spellings of SDKs, in lower case, and the normalized type.

`postgres`, `mssql` and `mongo` are names that Node.js SDKs use; `SQL` is SQL Server and any SQL database without a type
of its own.
"""
_TYPES = dict.fromkeys(_SERVER_TYPES, "HTTP") | _DATABASE_TYPES
_DATABASES = frozenset(_DATABASE_TYPES.values())

_TYPES_BY_NAME_PREFIX = {
    "mysql": "MySQL",
    "pymysql": "MySQL",
    "postgresql": "postgresql",
    "pymongo": "mongodb",
    "sqlalchemy": "SQL",
    "pyodbc": "SQL",
}
"""The types of calls that OpenCensus sends without type, by the prefix of their names (`mysql.query`)."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_DEFAULT_PORT_SUFFIXES = tuple(_DEFAULT_PORTS.values())
_BLANKS_AROUND_BAR = re.compile(r" *\| *")


def is_in_process(dependency_type: str) -> bool:
    """Return whether a dependency is a span within one process, not a call.

    OpenCensus sends `INPROC`; the Azure Monitor exporters send `InProc` or, for example, `InProc | Microsoft.Storage`.
    """
    lower = dependency_type.lower()
    return lower == "inproc" or lower.startswith("inproc |")


def normalize_type(dependency_type: str, name: str) -> str:
    """Return the normalized type: `HTTP` for `Http`, `postgresql` for `postgres`.

    A missing type is that of the prefix of the dependency's name, else `UNKNOWN_TYPE`. The types of browser calls are
    not changed, because no other SDK uses them.
    """
    if not dependency_type:
        return _TYPES_BY_NAME_PREFIX.get(name.partition(".")[0].lower(), UNKNOWN_TYPE)
    return _TYPES.get(dependency_type.lower(), dependency_type)


def normalize_target(dependency_type: str, target: str, data: str, name: str) -> str:
    """Return the normalized target.

    The target of an HTTP call is `host` or `host:port` without a default port. The host, or only its port, is read from
    the URL in `target` or `data` when the SDK sent nothing else. The application id that classic SDKs append
    (` | cid-v1:…`) is removed. The target of a database is `host[:port] | database`. Hosts are lower case (RFC 4343).
    Any other target, such as the name of a queue, is not changed. An empty target is replaced by the dependency's name,
    except for in-process spans.

    Args:
        dependency_type: the normalized type.
        target: the target as sent.
        data: the command of the dependency, for HTTP calls a URL.
        name: the name of the dependency.

    Reference:
        "Application Insights telemetry data model: dependency target", Microsoft Learn.
    """
    if dependency_type.lower() in HTTP_TYPES:
        target = _http_target(target.partition(" | cid-v1:")[0], data)
    elif dependency_type in _DATABASES:
        host, bar, database = _BLANKS_AROUND_BAR.sub(" | ", target).partition(" | ")
        target = host.lower() + bar + database
    if target or is_in_process(dependency_type):
        return target
    return name


def _http_target(target: str, data: str) -> str:
    """Return `host[:port]` of an HTTP call; empty when neither text contains it."""
    if target.count(":") == 1 and "/" not in target and not target.endswith(_DEFAULT_PORT_SUFFIXES):
        return target.lower()  # the usual case: a host with a port
    url = target if "://" in target else data if "://" in data else ""
    scheme = url.partition("://")[0].lower()
    if not target or "://" in target:
        host = _host_of(url)
    else:
        host = target.partition("/")[0].lower()
        if host.count(":") > 1 and "[" not in host:
            host = f"[{host}]"  # an IPv6 address
        if url and (":" not in host or host.endswith("]")):
            with_port = _host_of(url)
            host = with_port if with_port.startswith(f"{host}:") else host
    default_port = _DEFAULT_PORTS.get(scheme)
    return host.removesuffix(default_port) if default_port else host


def _host_of(url: str) -> str:
    """Return `host[:port]` of a URL without user and password, in lower case; empty for an invalid URL."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
