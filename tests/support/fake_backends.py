"""Echo and storage as functions of a test: the network of a frontend under test."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

OPERATION_ID = "0af7651916cd43dd8448eb211c80319c"


def echo_answers(request: httpx.Request) -> httpx.Response:
    """Echo as it is when nothing is wrong."""
    return httpx.Response(200, json=json.loads(request.content))


@dataclass
class Neighbours:
    """What echo and storage were asked and what they answer; give it to `httpx.MockTransport`."""

    echo: Callable[[httpx.Request], httpx.Response] = echo_answers
    storage: Callable[[httpx.Request], httpx.Response] | None = None
    """Replaces the storage that works, which keeps `values`."""
    values: list[str] = field(default_factory=list)
    """What storage holds, oldest first; ids count from 1."""
    asked: list[str] = field(default_factory=list)
    """What was asked for, in order."""
    timeouts_s: list[float] = field(default_factory=list)
    """The frontend's patience with each of these calls."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the service at the port would."""
        service, answer = {8001: ("echo", self.echo), 8002: ("storage", self.storage or self._store_or_list)}[
            request.url.port or 0
        ]
        self.asked.append(f"{service} {request.method} {request.url.raw_path.decode()}")
        self.timeouts_s.append(request.extensions["timeout"]["read"])
        return answer(request)

    def _store_or_list(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.values.append(json.loads(request.content)["value"])
            return httpx.Response(201, json=self._stored(len(self.values)))
        newest = range(len(self.values), 0, -1)[: int(request.url.params["limit"])]
        return httpx.Response(200, json=[self._stored(number) for number in newest])

    def _stored(self, number: int) -> dict[str, object]:
        return {"id": number, "value": self.values[number - 1], "operation_id": OPERATION_ID}
