"""Protobuf requests are split before they are parsed: no item is lost, and small requests cannot use much memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from local_insights.ingest.decompress import UnreadableBodyError
from local_insights.ingest.item_splitter import MAX_ITEM_BYTES
from local_insights.ingest.otlp.decode import SIGNALS, requests
from local_insights.ingest.otlp.request_splitter import MAX_FIELDS, PART_ITEMS, split_request
from support.otlp_requests import pairs, span, traces

TRACES = SIGNALS["traces"]
SpanPath = tuple[str, str, str]


def span_paths(request: ExportTraceServiceRequest) -> list[SpanPath]:
    """Return resource, scope and name of every span."""
    return [
        (group.resource.attributes[0].value.string_value, scope.scope.name, span.name)
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def request_of(counts: list[list[int]]) -> ExportTraceServiceRequest:
    """Return a request with these numbers of spans per scope, per resource."""
    return ExportTraceServiceRequest(
        resource_spans=[
            ResourceSpans(
                resource=Resource(attributes=pairs({"service.name": f"resource {number}"})),
                scope_spans=[
                    ScopeSpans(
                        scope=InstrumentationScope(name=f"scope {position}"),
                        spans=[Span(name=f"span {index}", trace_id=bytes(16)) for index in range(count)],
                    )
                    for position, count in enumerate(scopes)
                ],
            )
            for number, scopes in enumerate(counts)
        ]
    )


@given(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=4))
def test_every_item_has_its_scope_and_resource_after_the_split(counts: list[list[int]]) -> None:
    request = request_of(counts)
    found = [
        one
        for part in split_request(request.SerializeToString())
        for one in span_paths(request.FromString(part.request()))
    ]
    assert found == span_paths(request)


def test_parts_have_a_bounded_number_of_items() -> None:
    request = request_of([[PART_ITEMS, PART_ITEMS // 2, 3]])
    sizes = [len(part.items) for part in split_request(request.SerializeToString())]
    assert sizes == [PART_ITEMS, PART_ITEMS // 2 + 3]


def test_resource_may_follow_its_items() -> None:
    group = request_of([[1]]).resource_spans[0]
    resource, scopes = Resource(attributes=group.resource.attributes), ResourceSpans(scope_spans=group.scope_spans)
    text = scopes.SerializeToString() + ResourceSpans(resource=resource).SerializeToString()
    (part,) = split_request(b"\x0a" + bytes([len(text)]) + text)
    assert span_paths(ExportTraceServiceRequest.FromString(part.request())) == [("resource 0", "scope 0", "span 0")]


def test_invalid_item_does_not_affect_other_items() -> None:
    good = traces(span(name="before"), span(name="XXXX"), span(name="after")).SerializeToString()
    ((request, errors),) = requests(good.replace(b"XXXX", b"\xff\xff\xff\xff"), TRACES, is_json=False)
    assert [found[2] for found in span_paths(request)] == ["before", "after"]
    assert len(errors) == 1


def test_only_the_item_over_the_limit_is_rejected() -> None:
    huge = span(name="x" * MAX_ITEM_BYTES)
    found = list(
        requests(traces(span(name="before"), huge, span(name="after")).SerializeToString(), TRACES, is_json=False)
    )
    assert [one[2] for request, _ in found for one in span_paths(request)] == ["before", "after"]
    assert [f"at most {MAX_ITEM_BYTES:,} bytes" in reason for _, errors in found for reason in errors] == [True]


@pytest.mark.parametrize(
    "body",
    [
        b"\x0a\x05ab",
        b"\x0a\x80",
        b"\x0b",
        b"\x0a\x02\x12\x05",
        b"\x09abc",
        b"\xff" * 20,
        request_of([[3]]).SerializeToString()[:-1],
    ],
    ids=[
        "truncated",
        "truncated length",
        "group",
        "truncated inner",
        "truncated fixed",
        "unterminated",
        "truncated span",
    ],
)
def test_invalid_or_truncated_protobuf_is_rejected(body: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="protobuf"):
        list(split_request(body))


@pytest.mark.parametrize("body", [b"\x0a\x00" * (MAX_FIELDS + 1), b"\x10\x00" * (MAX_FIELDS + 1)])
def test_request_with_too_many_items_is_rejected_before_parsing(body: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="at most 250,000 items"):
        list(split_request(body))


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_rejected(body: bytes) -> None:
    try:
        found = list(requests(body, TRACES, is_json=False))
    except UnreadableBodyError:
        return
    assert all(request.IsInitialized() for request, _ in found)


@pytest.mark.parametrize("body", [b'{"a":[' + b"1," * 1_000_000 + b"1]}", b'{"a":"' + b"x" * 2**24 + b'"}'])
def test_json_over_the_limits_is_rejected_before_parsing(body: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="send protobuf"):
        list(requests(body, TRACES, is_json=True))
