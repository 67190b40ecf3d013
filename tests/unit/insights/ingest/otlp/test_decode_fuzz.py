"""Fuzzed OTLP requests in JSON: every one is read, or rejected as a whole or in part."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.ingest.decompress import UnreadableBodyError
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
