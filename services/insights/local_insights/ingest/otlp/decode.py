"""Decodes the body of an OTLP request, protobuf or JSON, to protobuf messages.

Reference:
    "OTLP Specification: OTLP/HTTP, JSON Protobuf Encoding", opentelemetry.io: ids are hexadecimal, where the JSON
    format of protobuf uses base64.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
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
from local_insights.ingest.otlp.envelope_builder import EnvelopeFields
from local_insights.ingest.otlp.logs import log_envelopes
from local_insights.ingest.otlp.metrics import metric_envelopes
from local_insights.ingest.otlp.request_splitter import RequestPart, split_request
from local_insights.ingest.otlp.spans import span_envelopes

MAX_JSON_BYTES = 16 * 1024 * 1024
MAX_JSON_VALUES = 1_000_000
"""JSON cannot be split before it is parsed, and then needs many times its size. SDKs send a few hundred KB."""
MAX_LINES = 250_000
"""The limit of lines per request, whose requests are read one after another."""
_IDS = frozenset({"traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"})
_INTEGERS = frozenset({"intValue", "int_value"})
_DIGITS_OF_64_BITS = 19
_LISTS = frozenset({"kvlistValue", "kvlist_value", "arrayValue", "array_value"})
_EARLIER_NAMES: dict[str, str] = {
    "instrumentationLibrarySpans": "scopeSpans",
    "instrumentationLibraryLogs": "scopeLogs",
    "instrumentationLibraryMetrics": "scopeMetrics",
    "instrumentationLibrary": "scope",
}
"""Names of OTLP before version 0.19. In protobuf, their fields have the numbers of the current ones."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One of the three signals of OTLP."""

    request: type[Any]
    response: type[Any]
    rejected: str
    """The field of a partial success that counts rejected items."""
    path: tuple[str, str, str]
    """Names of the nested JSON lists that contain the items."""
    envelopes: Callable[[Any, str], Iterator[EnvelopeFields]]


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
    """Yield the request in one or more parts, each with the errors of items that could not be read.

    Raises:
        UnreadableBodyError: the body as a whole cannot be read.
    """
    if is_json:
        yield from _from_json_lines(body, signal)
        return
    for part in split_request(body):
        try:
            yield _parsed_part(part, signal), []
        except DecodeError:
            yield _without_unreadable(part, signal)


def _parsed_part(part: RequestPart, signal: Signal) -> Message:
    """Parse the request of a part.

    Raises:
        DecodeError: the part is not valid protobuf, or an item exceeds the limit.
    """
    if part.largest_bytes > MAX_ITEM_BYTES:
        message = f"expected an item of at most {MAX_ITEM_BYTES:,} bytes"
        raise DecodeError(message)
    request: Message = signal.request()
    request.ParseFromString(part.request())
    return request


def _without_unreadable(part: RequestPart, signal: Signal) -> tuple[Message, list[str]]:
    """Return a request with the readable items of a part, and the errors of the others."""
    readable = []
    errors = []
    for item in part.items:
        try:
            _parsed_part(replace(part, items=[item]), signal)
        except DecodeError as error:
            errors.append(f"expected {signal.request.DESCRIPTOR.name} in protobuf: {error}")
        else:
            readable.append(item)
    return _parsed_part(replace(part, items=readable), signal) if readable else signal.request(), errors


def _from_json_lines(body: bytes, signal: Signal) -> Iterator[tuple[Message, list[str]]]:
    """Yield one request, or the request of every line, as in the files of the Collector's file exporter.

    Raises:
        UnreadableBodyError: the body, or every line of it, cannot be read.
    """
    if body.count(b"\n") > MAX_LINES:
        message = f"expected at most {MAX_LINES:,} lines of JSON, got more"
        raise UnreadableBodyError(message)
    lines = [line for line in body.split(b"\n") if line.strip()] if b"\n" in body.strip() else [body]
    if len(lines) == 1 or not (_is_object(lines[0]) or _is_object(lines[-1])):
        yield _from_json(body, signal)
        return
    errors = []
    for number, line in enumerate(lines, 1):
        try:
            yield _from_json(line, signal)
        except UnreadableBodyError as error:
            errors.append(f"line {number:,}: {error}")
    if len(errors) == len(lines):
        raise UnreadableBodyError(errors[0])
    yield signal.request(), errors


def _is_object(line: bytes) -> bool:
    """Return whether a line is a complete JSON object. The first and last line of an indented document are not."""
    try:
        return (
            line.strip().startswith(b"{")
            and len(line) <= MAX_JSON_BYTES
            and isinstance(msgspec.json.decode(line), dict)
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _from_json(body: bytes, signal: Signal) -> tuple[Message, list[str]]:
    """Parse a JSON body at once, or, when that fails, without the unreadable items."""
    expected = f"expected {signal.request.DESCRIPTOR.name} in JSON"
    if len(body) > MAX_JSON_BYTES or sum(map(body.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES:
        message = f"{expected} of at most {MAX_JSON_BYTES:,} bytes and {MAX_JSON_VALUES:,} values: send protobuf"
        raise UnreadableBodyError(message)
    try:
        document = _normalized(_loaded(body))
        if not isinstance(document, dict):
            message = f"{expected}, got a document that is not an object"
            raise UnreadableBodyError(message)
        request = _parsed(document, signal)
    except (ValueError, RecursionError) as error:
        message = f"{expected}: {error or 'nested too deeply'}"
        raise UnreadableBodyError(message) from error
    except ParseError:
        errors = _remove_unreadable(document, signal)
    else:
        return request, []
    try:
        return _parsed(document, signal), errors
    except ParseError as error:
        raise UnreadableBodyError(str(error)) from error


def _loaded(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Parse the body as JSON; lone surrogates, on which protobuf fails, become `?`."""
    document = json.loads(body)
    if b"\\u" in body:
        document = json.loads(json.dumps(document, ensure_ascii=False).encode(errors="replace"))
    return document


def _parsed(document: dict[str, Any], signal: Signal) -> Message:
    """Convert a JSON document to a request.

    Raises:
        ParseError: the document does not match the schema. Protobuf raises OverflowError for some numbers; it is
            converted.
    """
    try:
        request: Message = ParseDict(document, signal.request(), ignore_unknown_fields=True)
    except OverflowError as error:
        raise ParseError(str(error)) from error
    return request


def _normalized(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the document as the JSON format of protobuf, with current names.

    Ids become base64, names from before OTLP 0.19 the current ones, and integers beyond 64 bits texts, so that their
    digits are stored. A list for an object with the list `values` is accepted. Attributes are not affected, because
    their names are JSON values.
    """
    if isinstance(document, list):
        return [_normalized(element) for element in document]
    if not isinstance(document, dict):
        return document
    normalized: dict[str, Any] = {}
    for name, value in document.items():
        if name in _IDS and isinstance(value, str):
            normalized[name] = _base64_id(value)
        elif name in _INTEGERS and _is_beyond_64_bits(value):
            normalized["stringValue"] = str(value)
        elif name in _LISTS and isinstance(value, list):
            normalized[name] = {"values": _normalized(value)}
        else:
            normalized[_EARLIER_NAMES.get(name) or name] = _normalized(value)
    return normalized


def _is_beyond_64_bits(value: object) -> bool:
    digits = str(value)
    return (
        digits.lstrip("-").isdecimal()
        and len(digits) >= _DIGITS_OF_64_BITS
        and not -(2**63) <= int(digits[:4300]) < 2**63
    )


def _base64_id(sent: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(sent)).decode()
    except (ValueError, binascii.Error):
        return sent


def _remove_unreadable(document: dict[str, Any], signal: Signal) -> list[str]:
    """Remove the items that cannot be read from the document; return their errors."""
    resources, scopes, items = signal.path
    errors: list[str] = []
    for resource in _objects(document, resources):
        for scope in _objects(resource, scopes):
            readable = []
            for item in _list(scope, items):
                try:
                    _parsed({resources: [{scopes: [{items: [item]}]}]}, signal)
                except ParseError as error:
                    errors.append(str(error))
                else:
                    readable.append(item)
            scope[items] = readable
    return errors


def _objects(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [element for element in _list(document, name) if isinstance(element, dict)]


def _list(document: dict[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []
