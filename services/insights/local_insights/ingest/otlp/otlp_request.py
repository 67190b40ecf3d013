"""One OTLP request and its responses, in the encoding of the request.

Reference:
    "OTLP Specification: OTLP/HTTP Response", opentelemetry.io: the body of a failure is a `google.rpc.Status`.
"""

from collections.abc import Iterator
from http import HTTPStatus

import msgspec
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from starlette.responses import Response

from local_insights.http.problems import RETRY_AFTER_S
from local_insights.ingest.chunks import CHUNK_BYTES, MAX_DECOMPRESSED_BYTES
from local_insights.ingest.decompress import ACCEPTED_ENCODINGS
from local_insights.ingest.otlp.decode import SIGNALS, requests
from local_insights.ingest.otlp.envelope_builder import EnvelopeFields

_JSON = "application/json"
_PROTOBUF = "application/x-protobuf"
_INVALID_ARGUMENT, _UNAVAILABLE = 3, 14
_MAX_REASONS = 3
_CHUNK_ITEMS = 1_000
MAX_ITEMS = 250_000
"""The limit of points, events and spans per request. Collectors send some ten thousand at most."""
_TOO_LARGE = "expected at most {:,} items in a request, and {:,} bytes with the attributes of their resource, got more"
"""Every item has the attributes of its resource, so a small request can contain a large total."""


class OtlpRequest:
    """Reads the body of one request and builds its response: accepted, rejected or unavailable.

    Args:
        signal: `traces`, `logs` or `metrics`.
        content_type: the request's header; any type other than JSON is read as protobuf.
        key: the instrumentation key of the items.
    """

    def __init__(self, signal: str, content_type: str, key: str) -> None:
        self._signal = SIGNALS[signal]
        self._is_json = "json" in content_type.lower()  # also application/x-ndjson
        self._key = key
        self.errors: list[str] = []
        """The reasons of rejected items so far. The caller adds those of items that could not be stored."""

    def chunks(self, body: bytes) -> Iterator[list[bytes]]:
        """Yield the envelopes of the items as JSON, in chunks: those of a large request would not fit into memory.

        Raises:
            UnreadableBodyError: the body as a whole cannot be read.
        """
        chunk: list[bytes] = []
        chunk_bytes = total_bytes = 0
        for number, envelope in enumerate(self._envelopes(body)):
            text = msgspec.json.encode(envelope)
            total_bytes += len(text)
            if number == MAX_ITEMS or total_bytes > MAX_DECOMPRESSED_BYTES:
                self.errors.append(_TOO_LARGE.format(MAX_ITEMS, MAX_DECOMPRESSED_BYTES))
                break
            chunk.append(text)
            chunk_bytes += len(text)
            if len(chunk) == _CHUNK_ITEMS or chunk_bytes > CHUNK_BYTES:
                yield chunk
                chunk = []
                chunk_bytes = 0
        if chunk:
            yield chunk

    def _envelopes(self, body: bytes) -> Iterator[EnvelopeFields]:
        for request, errors in requests(body, self._signal, is_json=self._is_json):
            self.errors += errors
            yield from self._signal.envelopes(request, self._key)

    def accepted(self) -> Response:
        """Return status 200 with a partial success when items were rejected. SDKs do not retry."""
        message = self._signal.response()
        if self.errors:
            setattr(message.partial_success, self._signal.rejected, len(self.errors))
            message.partial_success.error_message = "; ".join(self.errors[:_MAX_REASONS])
        return self._response(message, HTTPStatus.OK)

    def rejected(self, reason: str) -> Response:
        """Return status 400: nothing was stored, and a retry would fail again."""
        return self._response(Status(code=_INVALID_ARGUMENT, message=reason), HTTPStatus.BAD_REQUEST)

    def unsupported(self, reason: str) -> Response:
        """Return status 415: the compression is not supported. `Accept-Encoding` lists those that are (RFC 9110)."""
        status = Status(code=_INVALID_ARGUMENT, message=reason)
        response = self._response(status, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        response.headers["Accept-Encoding"] = ACCEPTED_ENCODINGS
        return response

    def unavailable(self, reason: str) -> Response:
        """Return status 503 with `Retry-After`: nothing can be stored now, and SDKs retry."""
        response = self._response(Status(code=_UNAVAILABLE, message=reason), HTTPStatus.SERVICE_UNAVAILABLE)
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    def _response(self, message: Message, status: HTTPStatus) -> Response:
        content = MessageToJson(message, indent=None).encode() if self._is_json else message.SerializeToString()
        return Response(content, status, media_type=_JSON if self._is_json else _PROTOBUF)
