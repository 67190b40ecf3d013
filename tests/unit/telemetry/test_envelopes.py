import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencensus.trace.span import SpanKind
from opencensus.trace.span_data import SpanData
from opencensus.trace.status import Status

from telemetry._internal.envelopes.envelopes import Resource
from telemetry._internal.envelopes.span_envelopes import span_envelopes
from telemetry._internal.formatting import duration_text
from telemetry._internal.tracing.span_context import SpanContext

RESOURCE = Resource({"ai.cloud.role": "tested"})
TRACE = "0af7651916cd43dd8448eb211c80319c"


def span(kind: int = SpanKind.SERVER, **attributes: object) -> SpanData:
    """Return a span of 1.5 ms with status 200 and more attributes."""
    attributes = {"http.status_code": 200, **{name.replace("__", "."): value for name, value in attributes.items()}}
    return SpanData(
        name="named",
        context=SpanContext(trace_id=TRACE),
        span_id="b7ad6b7169203331",
        parent_span_id="00f067aa0ba902b7",
        attributes=attributes,
        start_time="2026-11-23T03:48:32.974026Z",
        end_time="2026-11-23T03:48:32.975526Z",
        child_span_count=0,
        stack_trace=None,
        annotations=(),
        message_events=(),
        links=(),
        status=Status.as_ok(),
        same_process_as_parent_span=None,
        span_kind=kind,
    )


def envelope(data: SpanData, resource: Resource = RESOURCE) -> dict[str, Any]:
    return list(span_envelopes(data, resource))[-1]


def test_server_span_is_a_request() -> None:
    assert envelope(span(http__method="GET", http__route="/a/{b}", http__url="http://h/a/1")) == {
        "name": "Microsoft.ApplicationInsights.Request",
        "time": "2026-11-23T03:48:32.974026Z",
        "sampleRate": 100.0,
        "tags": {
            "ai.cloud.role": "tested",
            "ai.operation.id": TRACE,
            "ai.operation.parentId": "00f067aa0ba902b7",
            "ai.operation.name": "GET /a/{b}",
        },
        "data": {
            "baseType": "RequestData",
            "baseData": {
                "ver": 2,
                "id": "b7ad6b7169203331",
                "name": "GET /a/{b}",
                "duration": "0.00:00:00.001500",
                "responseCode": "200",
                "success": True,
                "url": "http://h/a/1",
                "properties": {},
            },
        },
    }


def test_sampling_rate_is_in_percent() -> None:
    assert envelope(span(), Resource({}, 0.25))["sampleRate"] == 25
    assert envelope(span(), Resource({}))["sampleRate"] == 100


def test_status_code_may_be_text() -> None:
    data = envelope(span(http__status_code="404"))["data"]["baseData"]
    assert (data["responseCode"], data["success"]) == ("404", False)


def test_status_code_that_is_no_number_is_ignored() -> None:
    assert envelope(span(http__status_code="many"))["data"]["baseData"]["responseCode"] == "0"


def test_url_may_be_bytes() -> None:
    data = envelope(span(SpanKind.CLIENT, http__url=b"http://u:p@h/a?b", http__method="GET"))["data"]["baseData"]
    assert (data["data"], data["target"], data["name"]) == ("http://h/a", "h", "GET /a")


def test_stack_trace_of_another_integration_is_exported_as_text() -> None:
    exception = next(span_envelopes(span(stacktrace="line 1", error__name="E", error__message="m"), RESOURCE))
    details = exception["data"]["baseData"]["exceptions"][0]
    assert (details["typeName"], details["message"], details["stack"]) == ("E", "m", "line 1")


any_text = st.text(st.characters(), max_size=200)


@given(st.dictionaries(any_text, any_text | st.floats() | st.binary() | st.none() | st.decimals()))
def test_any_attribute_can_be_serialized_property(attributes: dict[str, Any]) -> None:
    data = span()
    data.attributes.update(attributes)
    text = json.dumps(list(span_envelopes(data, RESOURCE)), allow_nan=False)
    properties = json.loads(text)[-1]["data"]["baseData"]["properties"]
    for name, value in properties.items():
        assert (name + value).encode("utf-8").decode("utf-8") == name + value


def test_decimal_attribute_is_text() -> None:
    assert envelope(span(price=Decimal("1.50")))["data"]["baseData"]["properties"] == {"price": "1.50"}


def test_long_values_are_truncated() -> None:
    assert len(envelope(span(note="x" * 10_000))["data"]["baseData"]["properties"]["note"]) == 8192


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(0), "0.00:00:00.000000"),
        (timedelta(microseconds=123), "0.00:00:00.000123"),
        (timedelta(milliseconds=40), "0.00:00:00.040000"),
        (timedelta(days=2, hours=3, minutes=4, seconds=5), "2.03:04:05.000000"),
        (timedelta(milliseconds=-5), "0.00:00:00.000000"),
    ],
)
def test_duration_has_microseconds_and_is_never_negative(elapsed: timedelta, text: str) -> None:
    assert duration_text(elapsed // timedelta(microseconds=1)) == text
