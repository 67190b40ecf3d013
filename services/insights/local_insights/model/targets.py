"""What a dependency called, written one way whichever SDK reported it.

The name of a dependency's node on the map is its target, so two spellings of one target would be two nodes.
"""

from urllib.parse import urlsplit

BROWSER_TYPES = frozenset({"ajax", "fetch"})
"""Lower-case types that the JavaScript SDK, and no other, gives to its calls."""

HTTP_TYPES = BROWSER_TYPES | {"http", "https", "http (tracked component)"}
"""Lower-case types that SDKs give to calls over HTTP: OpenCensus and OpenTelemetry, browsers, .NET and Node.js."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_in_process(dependency_type: str) -> bool:
    """Whether a dependency is a span inside one process, and so no call to anything.

    OpenCensus says `INPROC`, the Azure Monitor exporters say `InProc`, or `InProc | Microsoft.Storage` and the like.
    """
    lower = dependency_type.lower()
    return lower == "inproc" or lower.startswith("inproc |")


def normalised_target(dependency_type: str, target: str, data: str, name: str) -> str:
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
