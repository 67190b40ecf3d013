"""The bytes of an OTLP request, protobuf or JSON, read into messages.

Reference:
    "OTLP Specification: OTLP/HTTP, JSON Protobuf Encoding", opentelemetry.io: ids are hexadecimal where protobuf's own
    JSON has base64.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from local_insights.ingest.decompress import UnreadableBodyError
from local_insights.ingest.item_splitter import MAX_ITEM_BYTES
from local_insights.ingest.otlp.envelope_builder import Document
from local_insights.ingest.otlp.logs import log_envelopes
from local_insights.ingest.otlp.metrics import metric_envelopes
from local_insights.ingest.otlp.request_splitter import RequestPart, split_request
from local_insights.ingest.otlp.spans import span_envelopes

MAX_JSON_BYTES = 16 * 1024 * 1024
MAX_JSON_VALUES = 1_000_000
"""JSON cannot be taken apart before it is read, and then needs many times its room. SDKs send a few hundred KB."""
_IDS = frozenset({"traceId", "spanId", "parentSpanId"})


@dataclass(frozen=True, slots=True)
class Signal:
    """One of OTLP's three kinds of telemetry."""

    request: type[Any]
    response: type[Any]
    rejected: str
    """The field of a partial success that counts what was not kept."""
    path: tuple[str, str, str]
    """Names of the nested lists that lead to single items, in JSON."""
    envelopes: Callable[[Any, str], Iterator[Document]]


SIGNALS = {
    "traces": Signal(
        ExportTraceServiceRequest,
        ExportTraceServiceResponse,
        "rejected_spans",
        ("resourceSpans", "scopeSpans", "spans"),
        span_envelopes,
    ),
    "logs": Signal(
        ExportLogsServiceRequest,
        ExportLogsServiceResponse,
        "rejected_log_records",
        ("resourceLogs", "scopeLogs", "logRecords"),
        log_envelopes,
    ),
    "metrics": Signal(
        ExportMetricsServiceRequest,
        ExportMetricsServiceResponse,
        "rejected_data_points",
        ("resourceMetrics", "scopeMetrics", "metrics"),
        metric_envelopes,
    ),
}


def requests(body: bytes, signal: Signal, *, is_json: bool) -> Iterator[tuple[Message, list[str]]]:
    """The request, or one request for each part of it, and why some items of it could not be read.

    Raises:
        UnreadableBodyError: none of it can be.
    """
    if is_json:
        yield _from_json(body, signal)
        return
    for part in split_request(body):
        try:
            yield _parsed_part(part, signal), []
        except DecodeError:
            yield _without_unreadable(part, signal)


def _parsed_part(part: RequestPart, signal: Signal) -> Message:
    """The request of a part.

    Raises:
        DecodeError: there is none, or an item is larger than any may be.
    """
    if part.largest_bytes > MAX_ITEM_BYTES:
        message = f"expected an item of at most {MAX_ITEM_BYTES:,} bytes"
        raise DecodeError(message)
    request: Message = signal.request()
    request.ParseFromString(part.request())
    return request


def _without_unreadable(part: RequestPart, signal: Signal) -> tuple[Message, list[str]]:
    """The request of those items that each can be read, and the reasons why others cannot."""
    kept = []
    refused = []
    for item in part.items:
        try:
            _parsed_part(replace(part, items=[item]), signal)
        except DecodeError as error:
            refused.append(f"expected {signal.request.DESCRIPTOR.name} in protobuf: {error}")
        else:
            kept.append(item)
    return _parsed_part(replace(part, items=kept), signal) if kept else signal.request(), refused


def _from_json(body: bytes, signal: Signal) -> tuple[Message, list[str]]:
    """All at once where possible, else without the items that nothing can be made of."""
    expected = f"expected {signal.request.DESCRIPTOR.name} in JSON"
    if len(body) > MAX_JSON_BYTES or sum(map(body.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES:
        message = f"{expected} of at most {MAX_JSON_BYTES:,} bytes and {MAX_JSON_VALUES:,} values: send protobuf"
        raise UnreadableBodyError(message)
    try:
        document = _with_base64_ids(_loaded(body))
        if not isinstance(document, dict):
            message = f"{expected}, got a document that is no object"
            raise UnreadableBodyError(message)
        request = _parsed(document, signal)
    except (ValueError, RecursionError) as error:
        message = f"{expected}: {error or 'it is nested too deeply'}"
        raise UnreadableBodyError(message) from error
    except ParseError:
        refused = _leave_out_unreadable(document, signal)
    else:
        return request, []
    try:
        return _parsed(document, signal), refused
    except ParseError as error:
        raise UnreadableBodyError(str(error)) from error


def _loaded(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The body as JSON, with a question mark for every half of a surrogate pair: protobuf breaks on those."""
    document = json.loads(body)
    if b"\\u" in body:
        document = json.loads(json.dumps(document, ensure_ascii=False).encode(errors="replace"))
    return document


def _parsed(document: dict[str, Any], signal: Signal) -> Message:
    """The request that the document describes.

    Raises:
        ParseError: it describes none. Protobuf lets numbers that no integer can be pass as an OverflowError.
    """
    try:
        request: Message = ParseDict(document, signal.request(), ignore_unknown_fields=True)
    except OverflowError as error:
        raise ParseError(str(error)) from error
    return request


def _with_base64_ids(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """The document with ids as protobuf's JSON has them. Attributes cannot be meant: their names are values."""
    if isinstance(document, list):
        return [_with_base64_ids(element) for element in document]
    if not isinstance(document, dict):
        return document
    return {
        name: _base64_id(value) if name in _IDS and isinstance(value, str) else _with_base64_ids(value)
        for name, value in document.items()
    }


def _base64_id(sent: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(sent)).decode()
    except (ValueError, binascii.Error):
        return sent


def _leave_out_unreadable(document: dict[str, Any], signal: Signal) -> list[str]:
    """Take out of the document what makes it unreadable; returns the reasons."""
    resources, scopes, items = signal.path
    refused: list[str] = []
    for resource in _objects(document, resources):
        for scope in _objects(resource, scopes):
            kept = []
            for item in _elements(scope, items):
                try:
                    _parsed({resources: [{scopes: [{items: [item]}]}]}, signal)
                except ParseError as error:
                    refused.append(str(error))
                else:
                    kept.append(item)
            scope[items] = kept
    return refused


def _objects(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [element for element in _elements(document, name) if isinstance(element, dict)]


def _elements(document: dict[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []
