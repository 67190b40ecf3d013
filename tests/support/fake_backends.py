"""Fake echo and storage: the network of a frontend under test."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

OPERATION_ID = "0af7651916cd43dd8448eb211c80319c"


def echoes(request: httpx.Request) -> httpx.Response:
    """Respond as echo does when it works."""
    return httpx.Response(200, json=json.loads(request.content))


@dataclass
class FakeBackends:
    """Responses of echo and storage, and a record of the requests; pass it to `httpx.MockTransport`."""

    echo: Callable[[httpx.Request], httpx.Response] = echoes
    storage: Callable[[httpx.Request], httpx.Response] | None = None
    """Replaces the working storage, which stores `values`."""
    values: list[str] = field(default_factory=list)
    """The stored values, oldest first; ids count from 1."""
    requests: list[str] = field(default_factory=list)
    """Service, method and path of each request, in order."""
    timeouts_s: list[float] = field(default_factory=list)
    """The read timeout of each request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond as the service at the port."""
        service, respond = {8001: ("echo", self.echo), 8002: ("storage", self.storage or self._store_or_list)}[
            request.url.port or 0
        ]
        self.requests.append(f"{service} {request.method} {request.url.raw_path.decode()}")
        self.timeouts_s.append(request.extensions["timeout"]["read"])
        return respond(request)

    def _store_or_list(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.values.append(json.loads(request.content)["value"])
            return httpx.Response(201, json=self._stored(len(self.values)))
        newest = range(len(self.values), 0, -1)[: int(request.url.params["limit"])]
        return httpx.Response(200, json=[self._stored(number) for number in newest])

    def _stored(self, number: int) -> dict[str, object]:
        return {"id": number, "value": self.values[number - 1], "operation_id": OPERATION_ID}
