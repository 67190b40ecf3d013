"""Normalizes the type and target of a dependency, which SDKs spell differently.

Type and target identify the node of a dependency on the map, so two spellings would be two nodes.
"""

from urllib.parse import urlsplit

BROWSER_TYPES = frozenset({"ajax", "fetch"})
"""Types of calls of the JavaScript SDK, in lower case. No other SDK uses them."""

_SERVER_TYPES = frozenset({"http", "https", "http (tracked component)"})
HTTP_TYPES = BROWSER_TYPES | _SERVER_TYPES
"""Types of HTTP calls, in lower case: of browsers, OpenCensus and OpenTelemetry, .NET and Node.js."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_in_process(dependency_type: str) -> bool:
    """Return whether a dependency is a span within one process, not a call.

    OpenCensus sends `INPROC`; the Azure Monitor exporters send `InProc` or, for example, `InProc | Microsoft.Storage`.
    """
    lower = dependency_type.lower()
    return lower == "inproc" or lower.startswith("inproc |")


def normalize_type(dependency_type: str) -> str:
    """Return the normalized type: `HTTP` for `Http` and `Http (tracked component)` as well.

    The types of browser calls are not changed, because no other SDK uses them.
    """
    return "HTTP" if dependency_type.lower() in _SERVER_TYPES else dependency_type


def normalize_target(dependency_type: str, target: str, data: str, name: str) -> str:
    """Return the normalized target.

    The target of an HTTP call is `host` or `host:port` without a default port, read from the URL in `target` or `data`
    when the SDK sent nothing else. The application id that classic SDKs append (` | cid-v1:…`) is removed. Any other
    target, such as `server | database`, is not changed. An empty target is replaced by the dependency's name, except
    for in-process spans.

    Reference:
        "Application Insights telemetry data model: dependency target", Microsoft Learn.
    """
    if dependency_type.lower() in HTTP_TYPES:
        target = _http_target(target.partition(" | cid-v1:")[0], data)
    if target or is_in_process(dependency_type):
        return target
    return name


def _http_target(target: str, data: str) -> str:
    """Return `host[:port]` of an HTTP call; empty when neither text contains it."""
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
    """Return `host[:port]` of a URL without user and password, in lower case; empty for an invalid URL."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
