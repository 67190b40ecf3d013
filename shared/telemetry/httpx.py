"""httpx: one client span a request, whichever way the request was made."""

import httpx

from telemetry.core import Telemetry


class TracedAsyncTransport(httpx.AsyncBaseTransport):
    """Traces what passes through another transport."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.AsyncBaseTransport) -> None:
        raise NotImplementedError


class TracedTransport(httpx.BaseTransport):
    """Traces what passes through another transport."""

    def __init__(self, telemetry: Telemetry, wrapped: httpx.BaseTransport) -> None:
        raise NotImplementedError
