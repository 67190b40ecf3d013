"""Simulation of the shop: operations, availability tests and metrics of a time range, as envelopes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from local_insights.demo.envelopes import (
    Envelope,
    Fields,
    Operation,
    Resource,
    duration,
    envelope,
    exception_data,
    metric_data,
)
from local_insights.demo.shop import (
    BROWSER,
    FRONTEND,
    ORDER_STATUS,
    ORDERS,
    PAGES,
    SERVERS,
    TESTS,
    URL,
    WORKER,
    Call,
    Handler,
    Page,
)

OPERATIONS_PER_MINUTE = 20
BROWSER_SHARE = 0.8
"""Share of the operations that start in a browser. The others are requests of a client without telemetry."""
_MAX_FACTOR = 4.0
"""Largest ratio of a duration to its median."""
_SERVER_SDK = "py3.12.8:otel1.40.0:dst1.8.5"
_BROWSER_SDK = "javascript:3.3.9"
_LOCATIONS = ("Zürich", "Dublin", "São Paulo")
_COUNTER = r"\Process(??APP_WIN32_PROC??)"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Incident:
    """A time range in which the payment provider does not respond."""

    start: datetime
    end: datetime

    def includes(self, time: datetime) -> bool:
        """Return True if the incident is going on at this time."""
        return self.start <= time < self.end


def shop_envelopes(seed: int, start: datetime, end: datetime, incident: Incident | None = None) -> list[Envelope]:
    """Return the telemetry of the shop between `start` and `end`, in order of time.

    The same arguments return the same envelopes. No item starts before `start`. No operation ends after `end`, unless
    the range is shorter than the operation.
    """
    random = Random(f"{seed} {start.isoformat()}")  # noqa: S311 - sample data
    found = [*_operations(random, start, end, incident), *_each_minute(random, start, end, incident)]
    return sorted(found, key=lambda sent: str(sent["time"]))


def _operations(random: Random, start: datetime, end: datetime, incident: Incident | None) -> Iterator[Envelope]:
    span_s = (end - start).total_seconds()
    for _ in range(max(1, round(span_s / 60 * OPERATIONS_PER_MINUTE))):
        offset_s = random.uniform(0, span_s)
        time = start + timedelta(seconds=offset_s)
        trace = _Trace(random, is_incident=incident is not None and incident.includes(time))
        if random.random() < BROWSER_SHARE:
            trace.visit(random.choices(PAGES, [page.weight for page in PAGES])[0])
        else:
            trace.serve(ORDER_STATUS, "", 0)
        yield from trace.placed(start, end, offset_s)


def _each_minute(random: Random, start: datetime, end: datetime, incident: Incident | None) -> Iterator[Envelope]:
    for number in range(int((end - start) / _MINUTE)):
        began = start + number * _MINUTE
        is_incident = incident is not None and incident.includes(began)
        for test in TESTS:
            trace = _Trace(random, is_incident=is_incident)
            trace.test_availability(test, _LOCATIONS[number % len(_LOCATIONS)])
            yield from trace.placed(began, end, random.uniform(0, 50))
        measured = began + timedelta(seconds=59)
        for role in SERVERS:
            busy = random.uniform(3, 9) + (25 if is_incident and role == ORDERS else 0)
            memory = random.uniform(110, 130) * 2**20
            for name, value in ((rf"{_COUNTER}\% Processor Time", busy), (rf"{_COUNTER}\Private Bytes", memory)):
                yield envelope("MetricData", metric_data(name, [value]), measured, _resource(random, role))
        waiting = float(random.randint(20, 60) if is_incident else random.randint(0, 4))
        yield envelope("MetricData", metric_data("orders waiting", [waiting]), measured, _resource(random, WORKER))
        values = [round(random.lognormvariate(3.5, 0.6), 2) for _ in range(random.randint(2, 6))]
        yield envelope("MetricData", metric_data("order value", values), measured, _resource(random, ORDERS))


def _resource(random: Random, role: str) -> Resource:
    if role == BROWSER:
        return Resource(role, "", _BROWSER_SDK)
    return Resource(role, f"{role}-{random.randint(1, 2)}", _SERVER_SDK)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The result of a request or call; the end is in milliseconds since the start of the operation."""

    end_ms: float
    success: bool


@dataclass(slots=True)
class _Item:
    """An item before the start time of its operation is known."""

    base_type: str
    data: Fields
    at_ms: float
    resource: Resource
    parent_id: str


@dataclass(slots=True)
class _Trace:
    """The items of one operation. Times are milliseconds since its start."""

    random: Random
    is_incident: bool
    name: str = ""
    end_ms: float = 0
    items: list[_Item] = field(default_factory=list)

    def placed(self, start: datetime, end: datetime, offset_s: float) -> Iterator[Envelope]:
        """Yield the envelopes; the operation starts at the offset, or earlier if it would end after `end`."""
        latest_s = (end - start).total_seconds() - self.end_ms / 1000
        began = start + timedelta(seconds=max(0.0, min(offset_s, latest_s)))
        operation_id = f"{self.random.getrandbits(128):032x}"
        for item in self.items:
            operation = Operation(operation_id, self.name, item.parent_id)
            time = (began + timedelta(milliseconds=item.at_ms)).astimezone(UTC)
            yield envelope(item.base_type, item.data, time, item.resource, operation)

    def visit(self, page: Page) -> None:
        """Add a page view with its timings, and the call of the page to the storefront."""
        browser = _resource(self.random, BROWSER)
        self.name = page.path
        number = str(self.random.randint(100, 999))
        url = URL + page.path.replace("{id}", number)
        view_id, load_ms = self._span_id(), self._around(420)
        view: Fields = {"id": view_id, "name": page.title, "url": url, "duration": duration(load_ms)}
        self._add("PageViewData", view, 0, browser, "")
        parts = {
            "perfTotal": load_ms,
            "networkConnect": load_ms * 0.1,
            "sentRequest": load_ms * 0.15,
            "receivedResponse": load_ms * 0.2,
            "domProcessing": load_ms * 0.5,
        }
        timings = {part: duration(milliseconds) for part, milliseconds in parts.items()}
        self._add("PageViewPerfData", {**view, **timings}, 1, browser, "")
        method, path = page.handler.name.split(" ", 1)
        call = Call("Fetch", "shop.example", f"{method} {path}", URL + path, 0, handler=page.handler)
        outcome = self._call(call, browser, "", load_ms)
        if not outcome.success:
            message = f"{method} {path} failed with status 502"
            error = exception_data("Error", message, [("submit", f"{URL}/static/shop.js", 214)])
            self._add("ExceptionData", error, outcome.end_ms, browser, "")
        self.end_ms = max(self.end_ms, load_ms)

    def test_availability(self, name: str, location: str) -> None:
        """Add an availability test, and the request that it sends to the storefront."""
        self.name = name
        test_id = self._span_id()
        outcome = self.serve(TESTS[name], test_id, 20)
        result = {
            "id": test_id,
            "name": self.name,
            "duration": duration(outcome.end_ms + 20),
            "success": outcome.success,
            "runLocation": location,
            "message": "Passed" if outcome.success else "The response had status 502.",
        }
        self._add("AvailabilityData", result, 0, Resource(FRONTEND, location, "availability:1.0"), "")
        self.end_ms += 20

    def serve(self, handler: Handler, parent_id: str, at_ms: float) -> _Outcome:
        """Add a request that a role serves, with its calls, log messages, custom event and exceptions."""
        resource, span_id = _resource(self.random, handler.role), self._span_id()
        self.name = self.name or handler.name
        now_ms = at_ms + self._around(handler.own_ms) / 2
        if handler.log:
            message = {"message": handler.log, "severityLevel": "Information", "properties": {"logger": handler.role}}
            self._add("MessageData", message, now_ms, resource, span_id)
        success = True
        for call in handler.calls:
            outcome = self._call(call, resource, span_id, now_ms)
            now_ms = outcome.end_ms
            if not outcome.success:
                success = False
                self._log_failure(call, handler, resource, span_id, now_ms)
                break
        now_ms += self._around(handler.own_ms) / 2
        if success and handler.event:
            event = {"name": handler.event, "measurements": {"value": round(self.random.lognormvariate(3.5, 0.6), 2)}}
            self._add("EventData", event, now_ms, resource, span_id)
        method, _, path = handler.name.partition(" ")
        request: Fields = {
            "id": span_id,
            "name": handler.name,
            "duration": duration(now_ms - at_ms),
            "success": success,
            "responseCode": ("200" if success else "502") if path.startswith("/") else ("0" if success else "1"),
        }
        if path.startswith("/"):
            request |= {"url": f"http://{handler.role}:8000{path}", "properties": {"http.request.method": method}}
        self._add("RequestData", request, at_ms, resource, parent_id)
        self.end_ms = max(self.end_ms, now_ms)
        return _Outcome(now_ms, success)

    def _call(self, call: Call, resource: Resource, parent_id: str, at_ms: float) -> _Outcome:
        """Add a dependency call, and the request that it causes in another role."""
        span_id = self._span_id()
        failed = call.failure is not None and self.random.random() < (
            call.failure.incident_rate if self.is_incident else call.failure.rate
        )
        success, code = not failed, call.code
        if call.failure is not None and failed:
            code = call.failure.code
            end_ms = at_ms + self._around(call.failure.duration_ms, spread=0.02)
        elif call.handler is not None and not call.is_message:
            served = self.serve(call.handler, span_id, at_ms + self._around(0.8))
            success, code = served.success, "200" if served.success else "502"
            end_ms = served.end_ms + self._around(0.8)
        else:
            end_ms = at_ms + self._around(call.median_ms)
        data = {
            "id": span_id,
            "name": call.name,
            "duration": duration(end_ms - at_ms),
            "success": success,
            "resultCode": code,
            "type": call.type,
            "target": call.target,
            "data": call.data,
        }
        self._add("RemoteDependencyData", data, at_ms, resource, parent_id)
        self.end_ms = max(self.end_ms, end_ms)
        if call.handler is not None and call.is_message:
            self.serve(call.handler, span_id, end_ms + self._around(90))
        return _Outcome(end_ms, success)

    def _log_failure(self, call: Call, handler: Handler, resource: Resource, parent_id: str, at_ms: float) -> None:
        """Add the exception of a failed call, or a warning if another role failed."""
        if call.failure is None:
            message = {"message": f"{call.name} of {call.target} failed", "severityLevel": "Warning"}
            self._add("MessageData", message, at_ms, resource, parent_id)
            return
        file = f"/app/{handler.role}/main.py"
        frames = [("send", f"/app/{handler.role}/clients.py", 41), (handler.name.split("/")[-1] or "handle", file, 88)]
        error = exception_data(call.failure.exception, call.failure.message, frames)
        self._add("ExceptionData", error, at_ms, resource, parent_id)

    def _add(self, base_type: str, data: Fields, at_ms: float, resource: Resource, parent_id: str) -> None:
        self.items.append(_Item(base_type, data, at_ms, resource, parent_id))
        self.end_ms = max(self.end_ms, at_ms)

    def _span_id(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    def _around(self, median_ms: float, spread: float = 0.35) -> float:
        """Return a duration of a log-normal distribution, at most `_MAX_FACTOR` times its median."""
        return median_ms * min(_MAX_FACTOR, self.random.lognormvariate(0, spread))
