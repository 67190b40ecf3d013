"""The envelopes of the documented schema.

The type of a text contains its limit. Deviations (a number for a text, a text over its limit, a name for a severity)
are not rejected: `ingest.coerce` coerces them to these types, and truncates long texts.

`gc=False` excludes the instances from garbage collection, which saves time. Instances cannot be part of a cycle.

Reference:
    Application Insights schemas, `EndpointSpecs/Schemas/Bond` in microsoft/ApplicationInsights-Home.
"""

from datetime import datetime
from functools import cache
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from local_insights.model.item import require_entries

Text64 = Annotated[str, Meta(max_length=64)]
Text256 = Annotated[str, Meta(max_length=256)]
Text512 = Annotated[str, Meta(max_length=512)]
Text1K = Annotated[str, Meta(max_length=1024)]
Text2K = Annotated[str, Meta(max_length=2048)]
Text8K = Annotated[str, Meta(max_length=8192)]
Text32K = Annotated[str, Meta(max_length=32768)]

Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""The range of the store's integer columns."""

PropertyName = Annotated[str, Meta(max_length=150)]
PropertyValue = Text8K | int | float | bool | None
Properties = dict[PropertyName, PropertyValue]
"""Custom dimensions. The schema allows texts only; OpenCensus also sends numbers (`lineNumber`)."""
Measurements = dict[PropertyName, float]
SeverityLevel = Literal[0, 1, 2, 3, 4, "Verbose", "Information", "Warning", "Error", "Critical"]
MetricKind = Literal[0, 1, "Measurement", "Aggregation"]
Duration = str | float
"""`d.hh:mm:ss.fffffff` or a variant of it; a number is milliseconds. See `values.duration_us`."""


class Data(msgspec.Struct, rename="camel", gc=False):
    """The data of an envelope, and the name of their type."""

    base_type: str
    base_data: msgspec.Raw


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """One telemetry item as SDKs send it."""

    time: datetime
    data: Data
    name: str | None = None
    tags: dict[str, Text1K] | None = None
    sample_rate: float | None = None
    instrumentation_key: Text64 | None = msgspec.field(default=None, name="iKey")


class Request(msgspec.Struct, rename="camel", gc=False):
    """An incoming request."""

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
    """An outgoing call, with the current field names and those of the first schema."""

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
    """A log message (trace)."""

    message: Text32K | None = None
    severity_level: SeverityLevel | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class StackFrame(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """One frame of a parsed stack; level 0 raised the exception."""

    level: Integer | None = None
    method: Text1K | None = None
    assembly: Text1K | None = None
    file_name: Text1K | None = None
    line: Integer | None = None


class ExceptionDetails(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """One exception of a chain."""

    id: Integer | None = None
    outer_id: Integer | None = None
    type_name: Text1K | None = None
    message: Text32K | None = None
    has_full_stack: bool | None = None
    stack: Text32K | None = None
    parsed_stack: list[StackFrame] | None = None


class ExceptionData(msgspec.Struct, rename="camel", gc=False):
    """An exception and its causes, the outermost first."""

    exceptions: list[ExceptionDetails] | None = None
    severity_level: SeverityLevel | None = None
    problem_id: Text1K | None = None
    handled_at: Text1K | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class Event(msgspec.Struct, rename="camel", gc=False):
    """A custom event."""

    name: Text512 | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class DataPoint(msgspec.Struct, rename="camel", gc=False):
    """One metric: a measurement, or an aggregate of `count` measurements with the sum `value`."""

    name: Text1K | None = None
    ns: Text256 | None = None
    kind: MetricKind | None = None
    value: float | None = None
    count: Integer | None = None
    min: float | None = None
    max: float | None = None
    std_dev: float | None = None


class Metric(msgspec.Struct, rename="camel", gc=False):
    """Data points with common properties. The schema allows one; SDKs send more."""

    metrics: list[DataPoint] | None = None
    properties: Properties | None = None


class PageView(msgspec.Struct, rename="camel", gc=False):
    """A page view in a browser."""

    id: Text512 | None = None
    name: Text1K | None = None
    url: Text2K | None = None
    duration: Duration | None = None
    referrer_uri: Text2K | None = None
    referred_uri: Text2K | None = None
    properties: Properties | None = None
    measurements: Measurements | None = None


class PageViewPerformance(msgspec.Struct, rename="camel", gc=False):
    """The load time of a page and its phases (browser timing)."""

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
    """The result of an availability test."""

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
"""Types by `data.baseType`, in lower case, because SDKs spell the names differently."""
require_entries("BASE_TYPES", BASE_TYPES.values(), get_args(BaseData))


@cache
def field_names(base_type: str) -> frozenset[str]:
    """Return the names of the fields of a type of data, as SDKs send them."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(BASE_TYPES[base_type.lower()]))
