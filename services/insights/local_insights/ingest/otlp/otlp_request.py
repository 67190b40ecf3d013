"""One request of OTLP and its answer, both in the encoding that the sender chose.

Reference:
    "OTLP Specification: OTLP/HTTP Response", opentelemetry.io: failures are a `google.rpc.Status`.
"""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice

import msgspec
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from starlette.responses import Response

from local_insights.http.problems import RETRY_AFTER_S
from local_insights.ingest.otlp.decode import SIGNALS, requests
from local_insights.ingest.otlp.envelope_builder import Document

_JSON = "application/json"
_PROTOBUF = "application/x-protobuf"
_INVALID_ARGUMENT, _UNAVAILABLE = 3, 14
_REASONS_TOLD = 3
_CHUNK_ITEMS = 1_000
MAX_ITEMS = 250_000
"""Points, events and spans of one request: Collectors send some ten thousand at most."""


class OtlpRequest:
    """Reads requests of one signal and writes their answers.

    Args:
        signal: `traces`, `logs` or `metrics`.
        content_type: of the request; anything that is not JSON is protobuf.
        key: the instrumentation key that the items come under.
    """

    def __init__(self, signal: str, content_type: str, key: str) -> None:
        self._signal = SIGNALS[signal]
        self._is_json = _JSON in content_type.lower()
        self._key = key
        self._refused: list[str] = []

    def chunks(self, body: bytes) -> Iterator[list[bytes]]:
        """The envelopes of the items, as JSON, some at a time: all of a large request would not fit into memory.

        Raises:
            UnreadableBodyError: nothing in it can be read.
        """
        envelopes = self._envelopes(body)
        for _ in range(0, MAX_ITEMS, _CHUNK_ITEMS):
            chunk = [msgspec.json.encode(envelope) for envelope in islice(envelopes, _CHUNK_ITEMS)]
            if not chunk:
                return
            yield chunk
        if next(envelopes, None) is not None:
            self._refused.append(f"expected at most {MAX_ITEMS:,} items in a request, got more")

    def _envelopes(self, body: bytes) -> Iterator[Document]:
        for request, refused in requests(body, self._signal, is_json=self._is_json):
            self._refused += refused
            yield from self._signal.envelopes(request, self._key)

    def accepted(self, refused: list[str]) -> Response:
        """All was kept, or all but those that could not be read, or were refused for these reasons.

        SDKs send none of it again.
        """
        answer = self._signal.response()
        if reasons := [*self._refused, *refused]:
            setattr(answer.partial_success, self._signal.rejected, len(reasons))
            answer.partial_success.error_message = "; ".join(reasons[:_REASONS_TOLD])
        return self._response(answer, HTTPStatus.OK)

    def unreadable(self, reason: str) -> Response:
        """Nothing was kept, nor would be the second time."""
        return self._response(Status(code=_INVALID_ARGUMENT, message=reason), HTTPStatus.BAD_REQUEST)

    def unavailable(self, reason: str) -> Response:
        """Nothing can be kept now: SDKs send it again."""
        response = self._response(Status(code=_UNAVAILABLE, message=reason), HTTPStatus.SERVICE_UNAVAILABLE)
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    def _response(self, answer: Message, status: HTTPStatus) -> Response:
        content = MessageToJson(answer, indent=None).encode() if self._is_json else answer.SerializeToString()
        return Response(content, status, media_type=_JSON if self._is_json else _PROTOBUF)
