"""Fuzzed OTLP requests in JSON: every one is read, or rejected as a whole or in part."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.ingest.decompress import UnreadableBodyError
from local_insights.ingest.otlp.attributes import attributes_of
from local_insights.ingest.otlp.decode import SIGNALS, requests

NAMES = ("resourceSpans", "scopeSpans", "spans", "attributes", "key", "value", "traceId", "name", "kind", "status")
scalars = st.sampled_from([0, -1, 2**70, None, True, float("inf"), float("nan"), "", "00ff", "zz", "\ud800"])
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
)


@given(documents)
def test_any_document_is_read_or_rejected(document: object) -> None:
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [document]}]}, document]}).encode()
    with contextlib.suppress(UnreadableBodyError):
        ((request, errors),) = requests(body, SIGNALS["traces"], is_json=True)
        assert request.IsInitialized()
        assert all(errors)


@pytest.mark.parametrize("body", [b"0", b"null", b"[]", b'"text"'])
def test_document_that_is_not_an_object_is_rejected_with_the_expected_type(body: bytes) -> None:
    with pytest.raises(UnreadableBodyError, match="expected ExportTraceServiceRequest in JSON"):
        list(requests(body, SIGNALS["traces"], is_json=True))


def test_span_next_to_an_invalid_span_list_is_accepted() -> None:
    span = {"name": "GET /", "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331"}
    scopes = [{"spans": 5}, {"spans": [span, {"kind": float("inf")}]}]
    body = json.dumps({"resourceSpans": [{"scopeSpans": scopes}]}).encode()
    ((request, errors),) = requests(body, SIGNALS["traces"], is_json=True)
    accepted = [span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]
    assert ([span.name for span in accepted], len(errors)) == (["GET /"], 1)


SPAN = {"name": "GET /", "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331"}


def document(*spans: object, scopes: str = "scopeSpans", **scope: object) -> dict[str, object]:
    return {"resourceSpans": [{scopes: [{"spans": spans, **scope}]}]}


def spans_of(body: bytes) -> tuple[list[Any], list[str]]:
    found = list(requests(body, SIGNALS["traces"], is_json=True))
    spans = [
        span
        for request, _ in found
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    return spans, [error for _, errors in found for error in errors]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_every_line_of_a_collector_file_is_a_request(end: str) -> None:
    body = end.join(json.dumps(document(SPAN)) for _ in range(3)) + end
    spans, errors = spans_of(body.encode())
    assert ([span.name for span in spans], errors) == (["GET /"] * 3, [])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_damaged_line_does_not_affect_other_lines(number: int) -> None:
    lines = [json.dumps(document(SPAN)) for _ in range(3)]
    lines[number - 1] = lines[number - 1][:40]
    spans, errors = spans_of("\n".join(lines).encode())
    assert (len(spans), len(errors), errors[0].partition(":")[0]) == (2, 1, f"line {number}")


def test_indented_document_is_one_request() -> None:
    spans, errors = spans_of(json.dumps(document(SPAN, SPAN), indent=1).encode())
    assert (len(spans), errors) == (2, [])


def test_lines_without_any_readable_one_are_rejected_with_the_first_reason() -> None:
    with pytest.raises(UnreadableBodyError, match="line 1"):
        spans_of(b'{"resourceSpans": 1}\n{"resourceSpans": 2}')


def test_names_of_earlier_versions_are_read() -> None:
    body = document(SPAN, scopes="instrumentationLibrarySpans", instrumentationLibrary={"name": "lib"})
    ((request, _),) = requests(json.dumps(body).encode(), SIGNALS["traces"], is_json=True)
    (scope,) = request.resource_spans[0].scope_spans
    assert (scope.scope.name, scope.spans[0].name) == ("lib", "GET /")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"intValue": "12345678901234567890"}, "12345678901234567890"),
        ({"intValue": -(10**30)}, str(-(10**30))),
        ({"intValue": str(2**63 - 1)}, 2**63 - 1),
        ({"intValue": str(-(2**63))}, -(2**63)),
        ({"kvlistValue": [{"key": "a", "value": {"intValue": 1}}]}, {"a": 1}),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"intValue": 1}}]}}, {"a": 1}),
        ({"arrayValue": [{"stringValue": "x"}]}, ["x"]),
    ],
)
def test_value_that_encoders_write_differently_is_read(value: object, expected: object) -> None:
    (span,), errors = spans_of(json.dumps(document({**SPAN, "attributes": [{"key": "k", "value": value}]})).encode())
    assert (attributes_of(span.attributes), errors) == ({"k": expected}, [])
