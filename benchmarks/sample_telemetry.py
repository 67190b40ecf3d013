"""Telemetry of a small shop under steady load, with an outage in the middle: for benchmarks and page tests.

frontend serves the customers and calls catalogue and orders, which use one MySQL database; orders charges customers
through an external API. During the outage the database loses connections: statements fail slowly, and so do callers.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from local_insights.model.item import Item, ItemType
from local_insights.model.time_range import TimeRange

MYSQL = "db:3306 | shop"
OUTAGE = (0.55, 0.65)
"""Start and end of the outage, as fractions of the time range."""
OUTAGE_FAILED = 0.3
USUAL_FAILED = 0.004
ITEMS_PER_OPERATION = 5.57
"""Average."""

_BAD_GATEWAY = ("httpx.HTTPStatusError", "Server error '502 Bad Gateway'")
_LOST_CONNECTION = (
    "mysql.connector.errors.OperationalError",
    "2013: Lost connection to MySQL server during query",
)
_FRAMES = [
    {"level": 0, "method": "execute", "fileName": "/app/storage/database.py", "line": 88},
    {"level": 1, "method": "find", "fileName": "/app/catalogue/products.py", "line": 31},
]
_TIMES = {"item_type": "", "time_us": 0, "item_count": 1, "role": "", "operation_id": ""}
_NUMBERS = ("duration_us", "success", "severity", "value", "value_count", "value_min", "value_max", "value_std_dev")
_EMPTY = Item(**{**dict.fromkeys(Item._fields, ""), **dict.fromkeys(_NUMBERS), **_TIMES})  # type: ignore[arg-type]


def shop_items(time_range: TimeRange, operations: int, seed: int = 1, item_count: int = 1) -> Iterator[Item]:
    """Yield the items of `operations` operations, evenly spread over the range, and of 120 availability tests.

    The same arguments yield the same items. `item_count` is the weight of each item under sampling.
    """
    chance = random.Random(seed)  # noqa: S311 - sample data
    step_us = time_range.duration_us / operations
    for number in range(operations):
        share = number / operations
        failed = OUTAGE_FAILED if OUTAGE[0] <= share < OUTAGE[1] else USUAL_FAILED
        start_us = time_range.start_us + int((number + chance.random()) * step_us)
        yield from _operation(chance, start_us, failed, item_count)
    for number in range(120):
        yield _availability(chance, time_range.start_us + number * time_range.duration_us // 120, number / 120)


@dataclass(slots=True)
class _Operation:
    """Collects the items of one operation."""

    chance: random.Random
    item_count: int
    operation_id: str
    name: str
    items: list[Item] = field(default_factory=list)

    def add(self, item_type: ItemType, time_us: int, role: str, parent_id: str, **fields: object) -> str:
        """Add an item; return its span id."""
        span = f"{self.chance.getrandbits(64):016x}"
        self.items.append(
            _EMPTY._replace(
                time_us=time_us,
                item_type=item_type,
                item_count=self.item_count,
                role=role,
                role_instance=f"{role}-{self.chance.randrange(1, 4)}",
                operation_id=self.operation_id,
                operation_name=self.name,
                id=span if item_type in (ItemType.REQUEST, ItemType.DEPENDENCY) else "",
                parent_id=parent_id,
                tags_json='{"ai.device.id":"vm","ai.device.type":"Other"}',
                instrumentation_key="00000000-0000-0000-0000-000000000000",
                sdk_version="py3.11.7:oc0.11.4:ext1.1.15",
                **fields,  # type: ignore[arg-type]
            )
        )
        return span


class _Way(NamedTuple):
    """A call that an operation makes: callee, name, median duration."""

    role: str
    name: str
    median_ms: float


class _Call(NamedTuple):
    """One execution of a call: its duration and its success."""

    way: _Way
    duration_us: int
    well: bool


_OPERATIONS = {
    "GET /products": (40, [_Way("catalogue", "GET /products", 14)]),
    "GET /products/{id}": (30, [_Way("catalogue", "GET /products/{id}", 6)]),
    "GET /orders/{id}": (9, [_Way("orders", "GET /orders/{id}", 18)]),
    "POST /orders": (15, [_Way("catalogue", "GET /products/{id}", 6), _Way("orders", "POST /orders", 40)]),
    "GET /healthz": (6, []),
}
"""Operations of frontend: percentage of all operations, and the calls of each."""


def _operation(chance: random.Random, start_us: int, failed: float, item_count: int) -> list[Item]:
    name = chance.choices(list(_OPERATIONS), [share for share, _ in _OPERATIONS.values()])[0]
    operation = _Operation(chance, item_count, f"{chance.getrandbits(128):032x}", name)
    calls = []
    for way in _OPERATIONS[name][1]:
        well = chance.random() >= failed
        calls.append(_Call(way, int(1000 * _milliseconds(chance, way.median_ms)) + (0 if well else 2_000_000), well))
    success = all(call.well for call in calls)
    root = operation.add(
        ItemType.REQUEST,
        start_us,
        "frontend",
        "",
        name=name,
        duration_us=int(1000 * _milliseconds(chance, 2)) + sum(call.duration_us for call in calls),
        success=success,
        result_code="200" if success else "502",
        data="http://shop.example" + name.partition(" ")[2].replace("{id}", str(chance.randrange(10_000))),
    )
    if not success:
        _add_exception(operation, start_us + 900, "frontend", root, _BAD_GATEWAY)
    for number, call in enumerate(calls):
        _add_call(operation, start_us + 1000 + number * 9000, root, call)
    return operation.items


def _add_call(operation: _Operation, began_us: int, parent_id: str, made: _Call) -> None:
    """Add an HTTP call, the request of the callee, and the statement of the callee."""
    way, duration_us, well = made
    method, path = way.name.split()
    outcome = {"success": well, "result_code": "200" if well else "500", "name": way.name}
    call = operation.add(
        ItemType.DEPENDENCY,
        began_us,
        "frontend",
        parent_id,
        duration_us=duration_us,
        dependency_type="HTTP",
        target=f"{way.role}:8000",
        data=f"http://{way.role}:8000{path}",
        properties_json=json.dumps({"http.method": method}),
        **outcome,
    )
    request = operation.add(
        ItemType.REQUEST, began_us + 500, way.role, call, duration_us=duration_us * 94 // 100, **outcome
    )
    operation.add(ItemType.TRACE, began_us + 600, way.role, request, message=f"serving {way.name}", severity=1)
    query = operation.add(
        ItemType.DEPENDENCY,
        began_us + 900,
        way.role,
        request,
        name="INSERT" if method == "POST" else "SELECT",
        duration_us=duration_us * 60 // 100,
        success=well,
        result_code="0" if well else "2013",
        dependency_type="MySQL",
        target=MYSQL,
        data="INSERT INTO orders VALUES (%s, %s)" if method == "POST" else "SELECT * FROM products WHERE id = %s",
    )
    if not well:
        _add_exception(operation, began_us + duration_us * 60 // 100, way.role, query, _LOST_CONNECTION)
    elif method == "POST":
        paid = operation.chance.random() > 0.02
        operation.add(
            ItemType.DEPENDENCY,
            began_us + 2000,
            way.role,
            request,
            name="POST /charges",
            duration_us=duration_us * 25 // 100,
            success=paid,
            result_code="201" if paid else "402",
            dependency_type="HTTP",
            target="api.payments.example",
            data="https://api.payments.example/charges",
        )


def _add_exception(operation: _Operation, time_us: int, role: str, parent_id: str, error: tuple[str, str]) -> None:
    type_name, message = error
    chain = [{"id": 1, "typeName": type_name, "message": message, "hasFullStack": True, "parsedStack": _FRAMES}]
    operation.add(
        ItemType.EXCEPTION,
        time_us,
        role,
        parent_id,
        name=type_name,
        message=message,
        severity=3,
        problem_id=f"{type_name} at execute",
        exceptions_json=json.dumps(chain),
    )


def _availability(chance: random.Random, time_us: int, share: float) -> Item:
    well = not OUTAGE[0] <= share < OUTAGE[1] or chance.random() < 0.4
    return _EMPTY._replace(
        time_us=time_us,
        item_type=ItemType.AVAILABILITY_RESULT,
        role="frontend",
        id=f"{chance.getrandbits(64):016x}",
        operation_id=f"{chance.getrandbits(128):032x}",
        name="shop responds",
        duration_us=int(_milliseconds(chance, 60) * 1000),
        success=well,
        message="Passed" if well else "no response within 30 s",
        details_json='{"runLocation":"Zürich"}',
    )


def _milliseconds(chance: random.Random, median_ms: float) -> float:
    """Return a random duration: most are near the median, 2 % are six times as long."""
    return median_ms * chance.lognormvariate(0, 0.55) * (6 if chance.random() < 0.02 else 1)
