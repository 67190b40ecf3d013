"""Reads attributes of calls by the semantic conventions, with the current and the earlier attribute names.

Reference:
    "Semantic Conventions", opentelemetry.io; the rules are those of `trace/_utils.py` in
    azure-monitor-opentelemetry-exporter.
"""

from urllib.parse import urlsplit

from local_insights.ingest.otlp.attributes import LOCATION, Attributes, first_text

METHOD = ("http.request.method", "http.method")
DATABASE = ("db.system.name", "db.system")
MESSAGING = ("messaging.system",)
RPC = ("rpc.system.name", "rpc.system")
AZURE = ("azure.resource_provider.namespace", "az.namespace")
GEN_AI = ("gen_ai.provider.name", "gen_ai.system")
ROUTE = ("http.route",)
USER_AGENT = ("user_agent.original", "http.user_agent")
DATABASE_TEXT = ("db.query.text", "db.statement")
DATABASE_OPERATION = ("db.query.summary", "db.operation.name", "db.operation")
_STATUS = ("http.response.status_code", "http.status_code")
_RESULT = (
    "db.response.status_code", "db.cosmosdb.status_code", "rpc.response.status_code", "rpc.grpc.status_code",
    "rpc.connect_rpc.error_code", "rpc.jsonrpc.error_code", "error.type",
)  # fmt: skip
_FULL_URL = ("url.full", "http.url")
_SCHEME = ("url.scheme", "http.scheme")
_PATH, _QUERY, _TARGET = ("url.path",), ("url.query",), ("http.target",)
_HOST = ("http.host",)
_SERVER, _SERVER_PORT = ("server.address",), ("server.port",)
_OWN_HOST, _OWN_PORT = ("http.server_name", "net.host.name"), ("net.host.port",)
_PEER_SERVICE = ("service.peer.name", "peer.service")
_PEER = ("net.peer.name", "net.sock.peer.name", "net.peer.ip")
_PEER_PORT = ("net.peer.port",)
_PEER_ADDRESS = ("network.peer.address", "net.sock.peer.addr")
_PEER_ADDRESS_PORT = ("network.peer.port", "net.sock.peer.port")
_NAMESPACE = ("db.namespace", "db.name", "db.redis.database_index")
_QUEUE = ("messaging.destination.name", "messaging.destination", "message_bus.destination")
_BROKER = ("server.address", "net.peer.name", "peer.address")
_CLIENT = ("client.address", "net.peer.name", "net.peer.ip")
SPAN_ATTRIBUTES = frozenset(
    name
    for names in (
        METHOD, DATABASE, MESSAGING, RPC, AZURE, GEN_AI, ROUTE, USER_AGENT, DATABASE_TEXT, DATABASE_OPERATION, LOCATION,
        _STATUS, _RESULT, _FULL_URL, _SCHEME, _PATH, _QUERY, _TARGET, _HOST, _SERVER, _SERVER_PORT, _OWN_HOST,
        _OWN_PORT, _PEER_SERVICE, _PEER, _PEER_PORT, _PEER_ADDRESS, _PEER_ADDRESS_PORT, _NAMESPACE, _QUEUE, _BROKER,
        _CLIENT,
    )
    for name in names
)  # fmt: skip
"""All attributes from which fields are read. Per meaning, the current name is the first, earlier names follow."""

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
_NO_CODE = "0"


def status_code(attributes: Attributes) -> str:
    """Return the HTTP status code; `0` when it is missing, as in the exporter."""
    code = first_text(attributes, *_STATUS)
    return code if code.isdigit() else _NO_CODE


def result_code(attributes: Attributes) -> str:
    """Return the code with which a call ended: HTTP status, code of the database or RPC, type of the error, or `0`."""
    code = status_code(attributes)
    return first_text(attributes, *_RESULT) or code if code == _NO_CODE else code


def request_url(attributes: Attributes) -> str:
    """Return the URL of an incoming request, built from its parts when the span has no full URL."""
    if url := first_text(attributes, *_FULL_URL):
        return url
    path = first_text(attributes, *_PATH)
    query = first_text(attributes, *_QUERY)
    target = f"{path}?{query}" if path and query else path or first_text(attributes, *_TARGET)
    own = _with_port(first_text(attributes, *_OWN_HOST), first_text(attributes, *_OWN_PORT))
    return _url(attributes, server(attributes) or first_text(attributes, *_HOST) or own, target)


def call_url(attributes: Attributes) -> str:
    """Return the URL of an outgoing call."""
    peer = _with_port(first_text(attributes, *_PEER), first_text(attributes, *_PEER_PORT))
    host = first_text(attributes, *_HOST) or peer
    return first_text(attributes, *_FULL_URL) or _url(attributes, host, first_text(attributes, *_TARGET))


def path_of(url: str) -> str:
    """Return the path of a URL; `/` when it has none."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"


def http_target(attributes: Attributes, url: str) -> str:
    """Return `host[:port]` of an HTTP call, without a default port."""
    scheme = first_text(attributes, *_SCHEME) or url.partition("://")[0]
    default_port = _HTTP_PORTS.get(scheme, "")
    if host := server(attributes, default_port):
        return host
    named = first_text(attributes, *_PEER_SERVICE) or first_text(attributes, *_HOST) or _netloc(url)
    return named.removesuffix(f":{default_port}") if named else peer_target(attributes)


def peer_target(attributes: Attributes) -> str:
    """Return the target of a call by the attributes that every type of call can have."""
    default_port = _DATABASE_PORTS.get(first_text(attributes, *DATABASE), "")
    return first_text(attributes, *_PEER_SERVICE) or _with_port(
        first_text(attributes, *_PEER), first_text(attributes, *_PEER_PORT), default_port
    )


def server(attributes: Attributes, default_port: str = "") -> str:
    """Return `host[:port]` by the current attribute names."""
    return _with_port(first_text(attributes, *_SERVER), first_text(attributes, *_SERVER_PORT), default_port)


def call_target(attributes: Attributes, default_port: str = "") -> str:
    """Return the target of a call by all attributes: service, host, or the address of the connection."""
    return (
        peer_target(attributes)
        or server(attributes, default_port)
        or _with_port(first_text(attributes, *_PEER_ADDRESS), first_text(attributes, *_PEER_ADDRESS_PORT), default_port)
    )


def database_type(system: str) -> str:
    """Return the dependency type of a database system."""
    return "SQL" if system in SQL_DATABASES and system not in _SHOWN_DATABASES else system


def database_target(attributes: Attributes, system: str) -> str:
    """Return `server|database`, or one of them when the other is missing."""
    host = call_target(attributes, _DATABASE_PORTS.get(system, ""))
    database = first_text(attributes, *_NAMESPACE)
    return "|".join(part for part in (host, database) if part) or system


def broker(attributes: Attributes) -> str:
    """Return `address/queue` of Azure's message brokers; empty when either is missing."""
    address = first_text(attributes, *_BROKER).lower()
    queue = first_text(attributes, *_QUEUE)
    return f"{address}/{queue}" if address and queue else ""


def queue_target(attributes: Attributes) -> str:
    """Return the queue or broker that a message was sent to."""
    return peer_target(attributes) or first_text(attributes, *_QUEUE, *MESSAGING)


def queue_source(attributes: Attributes) -> str:
    """Return the queue that a message was received from."""
    queue = first_text(attributes, *_QUEUE)
    address = first_text(attributes, *_CLIENT)
    return f"{address}/{queue}" if address and queue else queue


def _url(attributes: Attributes, host: str, target: str) -> str:
    scheme = first_text(attributes, *_SCHEME)
    return f"{scheme}://{host}{target}" if scheme and host and target else ""


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _with_port(host: str, port: str, default_port: str = "") -> str:
    """Return `host[:port]` in lower case without the default port; an IPv6 address with a port has brackets."""
    host = host.lower()
    if not host or not port or port == default_port:
        return host
    is_ipv6 = host.count(":") > 1 and not host.startswith("[")
    return f"[{host}]:{port}" if is_ipv6 else f"{host}:{port}"
