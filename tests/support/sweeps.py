"""Inputs of growing size, one kind for each way in which a client can make an input large.

The cost of every kind must be linear in its size: `tests/unit/insights/test_linear_cost.py` fails when it is not, and
`benchmarks/linear_cost.py` prints the curves.
"""

import gc
import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from local_insights.backup.envelopes import envelope_line
from local_insights.http.query_params import QueryError, require_bounded
from local_insights.ingest.batch import read_batch
from local_insights.ingest.chunks import ChunkReader
from local_insights.ingest.decompress import UnreadableBodyError
from local_insights.ingest.item_splitter import split_items
from local_insights.ingest.otlp.otlp_request import OtlpRequest
from local_insights.ingest.policy import IngestPolicy
from local_insights.model.application_map import application_map
from local_insights.model.call_rows import (
    AvailabilityRow,
    CallRows,
    InstanceRow,
    LinkRow,
    MissingParentRow,
    RoleRow,
    RootRequestRow,
)
from local_insights.model.item import Item, ItemType
from local_insights.model.live.live_state import LiveState
from local_insights.model.live.snapshot import snapshot
from local_insights.model.search.parser import SearchSyntaxError, parse
from local_insights.model.search.words import Term
from local_insights.model.statistics import CallStatistics
from local_insights.model.time_range import TimeRange
from local_insights.model.transaction import transaction
from local_insights.portal.map.as_json import map_json
from local_insights.portal.map.formats.dot import map_dot
from local_insights.portal.map.formats.mermaid import map_mermaid
from local_insights.portal.map.formats.text import map_text
from local_insights.portal.map.query import MapQuery
from local_insights.portal.map.visible_map import visible_map
from local_insights.portal.search.excerpt import excerpt, marked_spans
from local_insights.portal.transaction.as_json import transaction_json
from support.items import EMPTY_ITEM, SECOND_US
from support.otlp_requests import span, traces

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = TimeRange(0, 3600 * SECOND_US)
POLICY = IngestPolicy("application", frozenset(), keep_sdk_statistics=False)


@dataclass(frozen=True)
class Sweep:
    """Inputs of one kind.

    Attributes:
        build: returns the input of a size.
        run: processes an input.
        size: a size that takes a few milliseconds.
    """

    build: Callable[[int], Any]
    run: Callable[[Any], object]
    size: int


def cpu_s(sweep: Sweep, size: int, repetitions: int = 3) -> float:
    """Return the CPU time for an input of a size: the minimum of some repetitions, without garbage collection."""
    times_s = []
    for _ in range(repetitions):
        sent = sweep.build(size)
        gc.collect()
        gc.disable()
        began_s = time.process_time()
        try:
            sweep.run(sent)
        finally:
            times_s.append(time.process_time() - began_s)
            gc.enable()
    return min(times_s)


def envelope(base_type: str = "MessageData", **fields: object) -> dict[str, Any]:
    """Return an envelope with these fields of its data."""
    base_data = {"ver": 2, "message": "m", **fields}
    return {
        "name": "x",
        "time": NOW.isoformat(),
        "iKey": "k",
        "tags": {"ai.cloud.role": "r", "ai.operation.id": "op"},
        "data": {"baseType": base_type, "baseData": base_data},
    }


def _body(sent: object) -> bytes:
    return json.dumps(sent).encode()


def _read(body: bytes) -> None:
    """Read a body as the server does: in parts of 64 KB, split into chunks, up to the first part that is unreadable."""
    reader = ChunkReader()
    with suppress(UnreadableBodyError):
        for begin in range(0, len(body), 65_536):
            for chunk in reader.feed(body[begin : begin + 65_536]):
                if chunk is not None:
                    read_batch(chunk, POLICY)
        read_batch(reader.end(), POLICY)


def _statistics(number: int) -> CallStatistics:
    return CallStatistics(1 + number % 5, number % 2, 1_000, {number % 900: 1 + number % 5})


def _targets(count: int) -> CallRows:
    return CallRows(
        (), tuple(LinkRow(f"r{n % 20}", None, "HTTP", f"host{n}", _statistics(n)) for n in range(count)), (), ()
    )


def _roles(count: int) -> CallRows:
    roles = tuple(RoleRow(f"r{n}", 1, _statistics(n)) for n in range(count))
    links = tuple(LinkRow(f"r{n}", f"r{n + 1}", "HTTP", f"host{n}", _statistics(n)) for n in range(count - 1))
    roots = tuple(RootRequestRow(role.role, role.statistics) for role in roles)
    instances = tuple(InstanceRow(role.role, f"i{n}", role.statistics) for n, role in enumerate(roles))
    return CallRows(roles, links, roots, (), instances=instances)


def _callers(count: int) -> CallRows:
    missing = tuple(
        MissingParentRow(role=f"r{n % 20}", source=f"roleName:c{n}", statistics=_statistics(n)) for n in range(count)
    )
    return CallRows((), (), (), missing)


def _tests(count: int) -> CallRows:
    return CallRows(
        (), (), (), (), availability=tuple(AvailabilityRow(f"t{n}", None, _statistics(n)) for n in range(count))
    )


def _map(rows: CallRows) -> None:
    query = MapQuery.read(QueryParams("focus=host7&hops=2"), NOW)
    shown = visible_map(application_map(rows, HOUR, query.is_named()), query).app_map
    json.dumps(map_json(shown))
    for write in (map_dot, map_mermaid, map_text):
        write(shown)


def _items(count: int, parent: Callable[[int], int]) -> list[Item]:
    return [
        EMPTY_ITEM._replace(
            time_us=n * 1_000,
            item_type=ItemType.REQUEST if n % 2 else ItemType.DEPENDENCY,
            role=f"r{n % 7}",
            operation_id="op",
            id=f"s{n}",
            parent_id=f"s{parent(n)}" if n else "",
            duration_us=500,
            success=True,
        )
        for n in range(count)
    ]


def _transaction(items: list[Item]) -> None:
    found = transaction("op", items)
    assert found is not None
    transaction_json(found)


def _search(text: str) -> None:
    try:
        parse(text)
    except SearchSyntaxError:
        return


def _excerpt(text: str) -> None:
    excerpt(text, marked_spans(text, [Term(("word",)), Term(("a",))]), 200)


def _otlp(body: bytes) -> None:
    for chunk in OtlpRequest("traces", "application/x-protobuf", "").chunks(body):
        read_batch(chunk, POLICY)


def _query(text: str) -> None:
    try:
        require_bounded(QueryParams(text))
    except QueryError:
        return


def _live(items: list[Item]) -> None:
    state = LiveState()
    state.observe(items, 1.0)
    snapshot(state.copy(1.0), "")


def _lines(items: list[Item]) -> Iterator[bytes]:
    return map(envelope_line, items)


SWEEPS = {
    "bytes of a text": Sweep(lambda n: _body(envelope(message="x" * n)), _read, 400_000),
    "bytes of a text with escapes": Sweep(lambda n: _body(envelope(message="ü\n\ud83d" * n)), _read, 20_000),
    "bytes of compressed text": Sweep(lambda n: gzip.compress(_body([envelope(message="x" * n)])), _read, 400_000),
    "blank bytes": Sweep(lambda n: b" " * n + _body([envelope()]), _read, 2_000_000),
    "items of an array": Sweep(lambda n: _body([envelope()] * n), _read, 1_000),
    "items in lines": Sweep(lambda n: b"\n".join([_body(envelope())] * n), _read, 1_000),
    "invalid items": Sweep(lambda n: _body([envelope(), {}] * n), _read, 200),
    "strings of an array without end": Sweep(lambda n: b'[{"a":[' + b'"",' * n, _read, 20_000),
    "strings before a bad number": Sweep(lambda n: b"[" + b'"",' * n + b"NaN]", _read, 2_000),
    "items of a truncated array": Sweep(lambda n: _body([envelope()] * n)[:-9], _read, 300),
    "quotes without end": Sweep(lambda n: b'[{"a":"' + b'\\"' * n, _read, 200_000),
    "levels": Sweep(lambda n: b"[" * n, split_items, 50_000),
    "levels of properties": Sweep(lambda n: b'{"a":' * n + b"1" + b"}" * n, _read, 50_000),
    "properties": Sweep(lambda n: _body(envelope(properties={f"k{i}": "v" for i in range(n)})), _read, 3_000),
    "properties of wrong types": Sweep(
        lambda n: _body(envelope(properties={f"k{i}": i for i in range(n)})), _read, 1_000
    ),
    "unknown fields": Sweep(lambda n: _body(envelope(**{f"k{i}": "v" for i in range(n)})), _read, 3_000),
    "measurements": Sweep(lambda n: _body(envelope(measurements={f"k{i}": i for i in range(n)})), _read, 3_000),
    "metrics": Sweep(
        lambda n: _body(envelope("MetricData", metrics=[{"name": f"m{i}", "value": i} for i in range(n)])), _read, 500
    ),
    "exceptions": Sweep(
        lambda n: _body(envelope("ExceptionData", exceptions=[{"typeName": "E", "message": "m"}] * n)), _read, 1_000
    ),
    "frames of a stack": Sweep(
        lambda n: _body(
            envelope("ExceptionData", exceptions=[{"message": "m", "parsedStack": [{"level": 1, "method": "f"}] * n}])
        ),
        _read,
        1_000,
    ),
    "attributes of a span": Sweep(
        lambda n: traces(span(attributes={f"k{i}": "v" for i in range(n)})).SerializeToString(), _otlp, 1_000
    ),
    "elements of an attribute": Sweep(
        lambda n: traces(span(attributes={"k": ["v"] * n})).SerializeToString(), _otlp, 5_000
    ),
    "spans": Sweep(lambda n: traces(*[span()] * n).SerializeToString(), _otlp, 100),
    "targets": Sweep(_targets, _map, 400),
    "targets over the limit of a map": Sweep(_targets, lambda rows: application_map(rows, HOUR), 5_200),
    "roles": Sweep(_roles, _map, 120),
    "callers": Sweep(_callers, _map, 400),
    "availability tests": Sweep(_tests, _map, 500),
    "items of an operation": Sweep(lambda n: _items(n, lambda _: 0), _transaction, 300),
    "levels of an operation": Sweep(lambda n: _items(n, lambda number: number - 1), _transaction, 300),
    "missing parents of an operation": Sweep(lambda n: _items(n, lambda number: -number), _transaction, 300),
    "words of a search": Sweep(lambda n: "word " * n, _search, 1_000),
    "parentheses of a search": Sweep(lambda n: "(" * n, _search, 2_000),
    "negations of a search": Sweep(lambda n: "NOT " * n, _search, 2_000),
    "matches in a text": Sweep(lambda n: "a word " * n, _excerpt, 2_000),
    "characters without a match": Sweep(lambda n: "a" * n, _excerpt, 100_000),
    "repetitions of a parameter": Sweep(lambda n: "expand=x&" * n, _query, 2_000),
    "items in Live Metrics": Sweep(lambda n: _items(n, lambda _: 0), _live, 1_000),
    "exported items": Sweep(lambda n: _items(n, lambda _: 0), lambda items: list(_lines(items)), 500),
}
