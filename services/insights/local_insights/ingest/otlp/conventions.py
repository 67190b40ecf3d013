"""Reads attributes of calls by the semantic conventions, with the current and the earlier attribute names.

Reference:
    "Semantic Conventions", opentelemetry.io; the rules are those of `trace/_utils.py` in
    azure-monitor-opentelemetry-exporter.
"""

from urllib.parse import urlsplit

from local_insights.ingest.otlp.attributes import Attributes, first_text

METHOD = ("http.request.method", "http.method")
STATUS = ("http.response.status_code", "http.status_code")
DATABASE = ("db.system.name", "db.system")
SQL_DATABASES = frozenset(
    {
        "db2", "derby", "h2", "h2database", "hsqldb", "ibm.db2", "mariadb", "microsoft.sql_server", "mssql", "oracle",
        "oracle.db", "other_sql", "sqlite",
    }
)  # fmt: skip
_SHOWN_DATABASES = frozenset({"mongodb", "mysql", "postgresql", "redis"})
_HTTP_PORTS = {"http": "80", "https": "443"}
_DATABASE_PORTS = {
    "cassandra": "9042", "db2": "50000", "derby": "1527", "h2": "8082", "h2database": "8082", "ibm.db2": "50000",
    "mariadb": "3306", "memcached": "11211", "microsoft.sql_server": "1433", "mssql": "1433", "mysql": "3306",
    "oracle": "1521", "oracle.db": "1521", "postgresql": "5432", "redis": "6379",
}  # fmt: skip
_FULL_URL = ("url.full", "http.url")


def status_code(attributes: Attributes) -> str:
    """Return the HTTP status code; `0` when it is missing, as in the exporter."""
    code = first_text(attributes, *STATUS)
    return code if code.isdigit() else "0"


def request_url(attributes: Attributes) -> str:
    """Return the URL of an incoming request, built from its parts when the span has no full URL."""
    if url := first_text(attributes, *_FULL_URL):
        return url
    path = first_text(attributes, "url.path")
    query = first_text(attributes, "url.query")
    target = f"{path}?{query}" if path and query else path or first_text(attributes, "http.target")
    own = _with_port(
        first_text(attributes, "http.server_name", "net.host.name"), first_text(attributes, "net.host.port")
    )
    return _url(attributes, server(attributes) or first_text(attributes, "http.host") or own, target)


def call_url(attributes: Attributes) -> str:
    """Return the URL of an outgoing call."""
    peer = _with_port(first_text(attributes, "net.peer.name", "net.peer.ip"), first_text(attributes, "net.peer.port"))
    host = first_text(attributes, "http.host") or peer
    return first_text(attributes, *_FULL_URL) or _url(attributes, host, first_text(attributes, "http.target"))


def path_of(url: str) -> str:
    """Return the path of a URL; `/` when it has none."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"


def http_target(attributes: Attributes, url: str) -> str:
    """Return `host[:port]` of an HTTP call, without a default port."""
    scheme = first_text(attributes, "url.scheme", "http.scheme") or url.partition("://")[0]
    default_port = _HTTP_PORTS.get(scheme, "")
    if host := server(attributes, default_port):
        return host
    named = first_text(attributes, "peer.service") or first_text(attributes, "http.host") or _netloc(url)
    return named.removesuffix(f":{default_port}") if named else peer_target(attributes)


def peer_target(attributes: Attributes) -> str:
    """Return the target of a call by the attributes that every type of call can have."""
    default_port = _DATABASE_PORTS.get(first_text(attributes, *DATABASE), "")
    return first_text(attributes, "peer.service") or _with_port(
        first_text(attributes, "net.peer.name", "net.peer.ip"), first_text(attributes, "net.peer.port"), default_port
    )


def server(attributes: Attributes, default_port: str = "") -> str:
    """Return `host[:port]` by the current attribute names."""
    return _with_port(first_text(attributes, "server.address"), first_text(attributes, "server.port"), default_port)


def database_type(system: str) -> str:
    """Return the dependency type of a database system."""
    return "SQL" if system in SQL_DATABASES and system not in _SHOWN_DATABASES else system


def database_target(attributes: Attributes, system: str) -> str:
    """Return `server|database`, or one of them when the other is missing."""
    host = peer_target(attributes) or server(attributes, _DATABASE_PORTS.get(system, ""))
    database = first_text(attributes, "db.namespace", "db.name")
    return "|".join(part for part in (host, database) if part) or system


def broker(attributes: Attributes) -> str:
    """Return `address/queue` of Azure's message brokers; empty when either is missing."""
    address = first_text(attributes, "server.address", "net.peer.name", "peer.address")
    queue = first_text(attributes, "messaging.destination.name", "message_bus.destination")
    return f"{address}/{queue}" if address and queue else ""


def queue_target(attributes: Attributes) -> str:
    """Return the queue or broker that a message was sent to."""
    return peer_target(attributes) or first_text(
        attributes, "messaging.destination.name", "messaging.destination", "messaging.system"
    )


def queue_source(attributes: Attributes) -> str:
    """Return the queue that a message was received from."""
    queue = first_text(attributes, "messaging.destination.name", "messaging.destination")
    address = first_text(attributes, "client.address", "net.peer.name", "net.peer.ip")
    return f"{address}/{queue}" if address and queue else queue


def _url(attributes: Attributes, host: str, target: str) -> str:
    scheme = first_text(attributes, "url.scheme", "http.scheme")
    return f"{scheme}://{host}{target}" if scheme and host and target else ""


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _with_port(host: str, port: str, default_port: str = "") -> str:
    return f"{host}:{port}" if host and port and port != default_port else host
