"""Random estates of services, as the envelopes that SDKs send, with the map and the trees that they must result in.

An estate is generated as calls between services. The expected values follow from these calls, not from the envelopes;
the envelopes spell ids, parents, hosts, types and keys in the ways of different SDKs.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from hypothesis import strategies as st

KEYS = ("11111111-aaaa-4aaa-8aaa-111111111111", "22222222-bbbb-4bbb-8bbb-222222222222")
EXTERNALS = (
    (("postgres", "postgresql", "PostgreSQL"), ("pg.example:5432 | shop", "PG.example:5432|shop"), ("SELECT 1",)),
    (("HTTP", "Http"), ("pay.example", "Pay.Example"), ("http://pay.example:8888/", "http://PAY.example:8888/x?y")),
    (("HTTP", "Http"), ("pay.example:9999", "https://pay.example:9999/x"), ("", "/relative")),
)
"""Types, targets and data of calls to a service without telemetry, in several spellings."""
EXTERNAL_IDS = (
    "dependency:postgresql|pg.example:5432 | shop",
    "dependency:HTTP|pay.example:8888",
    "dependency:HTTP|pay.example:9999",
)
Origin = Literal["client", "operation", "unknown", "page view"]
Envelope = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """A role of an application, with the port on which it listens."""

    role: str
    key: str
    port: int


@dataclass
class Estate:
    """Sent envelopes and expected results. Every item has a name of its own.

    `parents` maps the name of every item to that of its parent in the transaction, None at the top level; items with a
    missing parent are in `orphans`. `calls` are (caller, callee, weight); callers and callees are services or node ids.
    """

    start: datetime
    operations: list[str] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    parents: dict[str, str | None] = field(default_factory=dict)
    orphans: set[str] = field(default_factory=set)
    calls: list[tuple[Service | str, Service | str, int]] = field(default_factory=list)
    served: list[tuple[Service, int]] = field(default_factory=list)
    weights: Counter[str] = field(default_factory=Counter)
    """The weight of the calls to each external node id."""
    services: set[Service] = field(default_factory=set)

    def node_id(self, end: Service | str) -> str:
        """Return the id of a node: with the key, if services with several keys have the role."""
        if isinstance(end, str):
            return end
        keys = {service.key for service in self.services if service.role == end.role}
        return f"component:{end.key}|{end.role}" if len(keys) > 1 else f"role:{end.role}"

    def edges(self) -> dict[tuple[str, str], int]:
        """Return the expected calls of every edge. Unknown callers of sampled services with other callers have none."""
        sampled = {service for service, weight in self.served if weight > 1}
        called = {callee for caller, callee, _ in self.calls if isinstance(caller, Service)}
        edges: Counter[tuple[str, str]] = Counter()
        for caller, callee, weight in self.calls:
            if caller != "client:unknown" or callee not in sampled & called:
                edges[self.node_id(caller), self.node_id(callee)] += weight
        return dict(edges)

    def nodes(self) -> dict[str, int]:
        """Return the expected calls of the nodes of services and of external dependencies."""
        nodes: Counter[str] = Counter(self.weights)
        for service, weight in self.served:
            nodes[self.node_id(service)] += weight
        return dict(nodes)


class _Writer:
    """Writes the envelopes of one operation."""

    def __init__(self, draw: st.DrawFn, estate: Estate, operation: str) -> None:
        self.draw = draw
        self.estate = estate
        self.operation = operation
        self.weight = draw(st.sampled_from([1, 1, 4]))

    def new_id(self) -> str:
        """Return a span id that is not in use."""
        return f"{len(self.estate.envelopes) + 0xABCD000:016x}"

    def write(self, kind: str, service: Service, span: str, parent: str, data: dict[str, Any]) -> str:
        """Add an item with some spelling of its ids; return its name."""
        number = len(self.estate.envelopes)
        name = f"item{number}"
        tags = {"ai.cloud.role": service.role, "ai.operation.id": self.operation}
        if parent:
            tags["ai.operation.parentId"] = self._spelled(parent)
        base_data = {"ver": 2, "id": self._spelled(span), "name": name, "duration": "00:00:00.001", "success": True}
        self.estate.envelopes.append(
            {
                "time": (self.estate.start + timedelta(milliseconds=number)).isoformat(),
                "iKey": self.draw(st.sampled_from([service.key, service.key.upper()])),
                "sampleRate": 100 / self.weight,
                "tags": tags,
                "data": {"baseType": kind, "baseData": base_data | data},
            }
        )
        return name

    def request(self, service: Service, span: str, parent: str) -> str:
        """Add a request; return its name."""
        self.estate.services.add(service)
        self.estate.served.append((service, self.weight))
        return self.write("RequestData", service, span, parent, {"responseCode": "200"})

    def call(self, service: Service, span: str, parent: str, sent: tuple[str, str, str]) -> str:
        """Add a dependency with a type, a target and data; return its name."""
        self.estate.services.add(service)
        fields = dict(zip(("type", "target", "data"), sent, strict=True))
        return self.write("RemoteDependencyData", service, span, parent, fields)

    def _spelled(self, span: str) -> str:
        return self.draw(st.sampled_from([span, span, span.upper(), f"|{self.operation}.{span}."]))


@st.composite
def estates(draw: st.DrawFn, start: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)) -> Estate:
    """One to three operations among four services, two of which may have the same role in two applications."""
    second = draw(st.sampled_from(["web", "mail"]))
    services = [
        Service("web", KEYS[0], 5001),
        Service("shop", KEYS[0], 5002),
        Service("stock", KEYS[0], 5003),
        Service(second, KEYS[1], 5004),
    ]
    estate = Estate(start)
    for number in range(draw(st.integers(1, 3))):
        operation = f"{number + 0xFACE:032x}"
        estate.operations.append(operation)
        _operation(_Writer(draw, estate, operation), services)
    return estate


def _operation(writer: _Writer, services: list[Service]) -> None:
    estate, draw = writer.estate, writer.draw
    service = draw(st.sampled_from(services))
    origin: Origin = draw(st.sampled_from(["client", "client", "operation", "unknown", "page view"]))
    span = writer.new_id()
    parent = {"client": "", "unknown": f"{0xDEAD:016x}"}.get(origin, writer.operation)
    above = None
    if origin == "page view":
        browser = Service("(browser) spa", KEYS[0], 0)
        estate.services.add(browser)
        above = writer.write("PageViewData", browser, writer.operation, "", {})
        estate.parents[above] = None
        span = writer.new_id()
    else:
        caller = "client:unknown" if origin == "unknown" else "client:client"
        estate.calls.append((caller, service, writer.weight))
    name = writer.request(service, span, parent)
    estate.parents[name] = above
    if origin == "unknown":
        estate.orphans.add(name)
    _work(writer, services, (service, span, parent, name), draw(st.integers(0, 3)))


def _work(writer: _Writer, services: list[Service], server: tuple[Service, str, str, str], depth: int) -> None:
    """Add the calls that a service makes during a request."""
    estate, draw = writer.estate, writer.draw
    service, own_span, _, own_name = server
    for kind in draw(st.lists(st.sampled_from(["call", "shared", "message", "external"]), max_size=2 if depth else 0)):
        span = writer.new_id()
        if kind == "external":
            number = draw(st.integers(0, len(EXTERNALS) - 1))
            types, targets, data = map(st.sampled_from, EXTERNALS[number])
            name = writer.call(service, span, own_span, (draw(types), draw(targets), draw(data)))
            estate.parents[name] = own_name
            estate.calls.append((service, EXTERNAL_IDS[number], writer.weight))
            estate.weights[EXTERNAL_IDS[number]] += writer.weight
            continue
        receivers = [draw(st.sampled_from(services)) for _ in range(2 if kind == "message" else 1)]
        if kind == "message":
            name = writer.call(service, span, own_span, ("Queue Message | Kafka", "Orders", ""))
        else:
            host, url = "127.0.0.1", f"http://127.0.0.1:{receivers[0].port}/x"
            spelled = draw(st.sampled_from([(url[7:-2], ""), (host, url), ("", url), (url, ""), (url[7:-2], url)]))
            name = writer.call(service, span, own_span, (draw(st.sampled_from(["HTTP", "Http"])), *spelled))
        estate.parents[name] = own_name
        estate.calls += [(service, receiver, writer.weight) for receiver in dict.fromkeys(receivers)]
        for receiver in receivers:
            served_span, parent = (span, own_span) if kind == "shared" else (writer.new_id(), span)
            served = writer.request(receiver, served_span, parent)
            estate.parents[served] = name
            _work(writer, services, (receiver, served_span, parent, served), depth - 1)
