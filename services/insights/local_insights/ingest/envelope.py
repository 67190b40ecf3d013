"""Envelopes as the documented schema types them.

Every limit on a text's length stands in its type. What deviates (a number for a text, a text too long, a name for a
severity) is not refused: `ingest.mend` makes it fit these types. None of them can be part of a reference cycle
(`gc=False`).

Reference:
    Application Insights schemas, `EndpointSpecs/Schemas/Bond` in microsoft/ApplicationInsights-Home.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Text64 = Annotated[str, Meta(max_length=64)]
Text256 = Annotated[str, Meta(max_length=256)]
Text512 = Annotated[str, Meta(max_length=512)]
Text1K = Annotated[str, Meta(max_length=1024)]
Text2K = Annotated[str, Meta(max_length=2048)]
Text8K = Annotated[str, Meta(max_length=8192)]
Text32K = Annotated[str, Meta(max_length=32768)]

Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""As large as the store's columns take it."""

PropertyName = Annotated[str, Meta(max_length=150)]
Properties = dict[PropertyName, Text8K | int | float | bool | None]
"""Custom dimensions. Texts by the schema; OpenCensus sends numbers too (`lineNumber`)."""
Measurements = dict[PropertyName, float]
Duration = str | float
"""`d.hh:mm:ss.fffffff` or one of its relatives; a bare number is milliseconds."""


class Data(msgspec.Struct, rename="camel", gc=False):
    """What happened, under a type that says how to read it."""

    base_type: str
    base_data: msgspec.Raw


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """One item on the wire."""

    time: datetime
    data: Data
    name: str | None = None
    tags: dict[str, Text1K] | None = None
    sample_rate: float | None = None
    instrumentation_key: Text64 | None = msgspec.field(default=None, name="iKey")


class Request(msgspec.Struct, rename="camel", gc=False):
    """A request that was served."""

    id: Text512 | None = None
    name: Text1K | None = None
    duration: Duration | None = None
    response_code: Text1K | None = None
    success: bool | None = None
    source: Text1K | None = None
    url: Text2K | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class Dependency(msgspec.Struct, rename="camel", gc=False):
    """A call that was made, under today's names and under those of the first schema."""

    id: Text512 | None = None
    name: Text1K | None = None
    duration: Duration | None = None
    result_code: Text1K | None = None
    success: bool | None = None
    data: Text8K | None = None
    type: Text1K | None = None
    target: Text1K | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None
    remote_dependency_name: Text1K | None = None
    value: Duration | None = None
    command_name: Text8K | None = None
    dependency_type_name: Text1K | None = None


class Message(msgspec.Struct, rename="camel", gc=False):
    """A line of a log."""

    message: Text32K | None = None
    severity_level: Integer | str | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class StackFrame(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """One level of a parsed stack; 0 is where the exception was raised."""

    level: Integer | None = None
    method: Text1K | None = None
    assembly: Text1K | None = None
    file_name: Text1K | None = None
    line: Integer | None = None


class ExceptionDetails(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """One exception of a chain, the outermost first."""

    id: Integer | None = None
    outer_id: Integer | None = None
    type_name: Text1K | None = None
    message: Text32K | None = None
    has_full_stack: bool | None = None
    stack: Text32K | None = None
    parsed_stack: list[StackFrame] | None = None


class ExceptionData(msgspec.Struct, rename="camel", gc=False):
    """An exception with what caused it."""

    exceptions: list[ExceptionDetails] | None = None
    severity_level: Integer | str | None = None
    problem_id: Text1K | None = None
    handled_at: Text1K | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class Event(msgspec.Struct, rename="camel", gc=False):
    """Something the application's author gave a name."""

    name: Text512 | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class DataPoint(msgspec.Struct, rename="camel", gc=False):
    """One metric: a measurement, or an aggregate of `count` of them with `value` as their sum."""

    name: Text1K | None = None
    ns: Text256 | None = None
    kind: Integer | str | None = None
    value: float | None = None
    count: Integer | None = None
    min: float | None = None
    max: float | None = None
    std_dev: float | None = None


class Metric(msgspec.Struct, rename="camel", gc=False):
    """Data points with properties in common. The schema allows one; SDKs send more."""

    metrics: list[DataPoint] | None = None
    properties: Properties | None = None


class PageView(msgspec.Struct, rename="camel", gc=False):
    """A page that somebody opened."""

    id: Text512 | None = None
    name: Text1K | None = None
    url: Text2K | None = None
    duration: Duration | None = None
    referrer_uri: Text2K | None = None
    referred_uri: Text2K | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class PageViewPerformance(msgspec.Struct, rename="camel", gc=False):
    """How long a page took to load, and its parts."""

    id: Text512 | None = None
    name: Text1K | None = None
    url: Text2K | None = None
    duration: Duration | None = None
    perf_total: Duration | None = None
    network_connect: Duration | None = None
    sent_request: Duration | None = None
    received_response: Duration | None = None
    dom_processing: Duration | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class Availability(msgspec.Struct, rename="camel", gc=False):
    """The result of a test from outside."""

    id: Text512 | None = None
    name: Text1K | None = None
    duration: Duration | None = None
    success: bool | None = None
    run_location: Text1K | None = None
    message: Text8K | None = None
    size: float | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


BaseData = (
    Request | Dependency | Message | ExceptionData | Event | Metric | PageView | PageViewPerformance | Availability
)

BASE_TYPES: dict[str, type[BaseData]] = {
    "requestdata": Request,
    "remotedependencydata": Dependency,
    "messagedata": Message,
    "exceptiondata": ExceptionData,
    "eventdata": Event,
    "metricdata": Metric,
    "pageviewdata": PageView,
    "pageeventdata": PageView,
    "pageviewperfdata": PageViewPerformance,
    "pageviewperformancedata": PageViewPerformance,
    "availabilitydata": Availability,
}
"""What `data.baseType` says, in lower case: SDKs do not agree on its spelling."""
