"""What a dependency called, written one way whichever SDK reported it.

A dependency's node on the map is named by its type and target, so two spellings of either would be two nodes.
"""

from urllib.parse import urlsplit

BROWSER_TYPES = frozenset({"ajax", "fetch"})
"""Lower-case types that the JavaScript SDK, and no other, gives to its calls."""

_SERVER_TYPES = frozenset({"http", "https", "http (tracked component)"})
HTTP_TYPES = BROWSER_TYPES | _SERVER_TYPES
"""Lower-case types that SDKs give to calls over HTTP: browsers; OpenCensus and OpenTelemetry; .NET and Node.js."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_in_process(dependency_type: str) -> bool:
    """Whether a dependency is a span inside one process, and so no call to anything.

    OpenCensus says `INPROC`, the Azure Monitor exporters say `InProc`, or `InProc | Microsoft.Storage` and the like.
    """
    lower = dependency_type.lower()
    return lower == "inproc" or lower.startswith("inproc |")


def normalize_type(dependency_type: str) -> str:
    """The type as the map names it: `HTTP` for what SDKs also call `Http` or `Http (tracked component)`.

    Calls of browsers keep their types, which no other SDK has.
    """
    return "HTTP" if dependency_type.lower() in _SERVER_TYPES else dependency_type


def normalize_target(dependency_type: str, target: str, data: str, name: str) -> str:
    """The target as the map names it.

    A call over HTTP goes to `host` or `host:port`, taken from the URL in `target` or `data` when the SDK sent no more,
    without a default port. The application id that classic SDKs append (` | cid-v1:…`) goes. Anything else, such as
    `server | database`, stays; an empty target becomes the dependency's name, except for spans inside the process.

    Reference:
        "Application Insights telemetry data model: dependency target", Microsoft Learn.
    """
    if dependency_type.lower() in HTTP_TYPES:
        target = _http_target(target.partition(" | cid-v1:")[0], data)
    if target or is_in_process(dependency_type):
        return target
    return name


def _http_target(target: str, data: str) -> str:
    """`host[:port]` of a call over HTTP, empty when nothing tells."""
    url = target if "://" in target else data if "://" in data else ""
    scheme = url.partition("://")[0].lower()
    host = target
    if not target or "://" in target:
        host = _host_of(url)
    elif "/" in target:
        host = target.partition("/")[0]
    default_port = _DEFAULT_PORTS.get(scheme)
    return host.removesuffix(default_port) if default_port else host


def _host_of(url: str) -> str:
    """`host[:port]` of a URL without user and password, in lower case; empty when it cannot be read."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
