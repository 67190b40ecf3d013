"""The endpoints of OpenTelemetry's protocol over HTTP."""

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.batch import BAD_REQUEST
from local_insights.ingest.collector import Receiver
from local_insights.ingest.decompress import Decompressor, UnreadableBodyError
from local_insights.ingest.memory_budget import MemoryBudget, Reservation
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.routes import Keeper
from local_insights.ingest.stats import IngestStats
from local_insights.ingest.track_response import TrackResponse
from local_insights.store.contract import StoreUnavailableError

if TYPE_CHECKING:
    from local_insights.ingest.otlp.otlp_request import OtlpRequest

KEY_HEADER = "api-key"
"""Names the application where only certain ones may report; SDKs send it by `OTEL_EXPORTER_OTLP_HEADERS`."""


def otlp_routes(store: Keeper, intake: IngestPolicy, budget: MemoryBudget, counts: IngestStats) -> list[BaseRoute]:
    """Routes for `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, protobuf or JSON.

    Every item becomes the envelope that Azure's exporter would have sent, and goes the way of all envelopes from there:
    answered when it is committed, refused alone when it is bad, 503 when a second attempt may help. The arguments are
    those of `ingest.routes.ingest_routes`.
    """
    receiver = Receiver(intake, counts)

    async def take(request: Request) -> Response:
        signal = request.url.path.rpartition("/")[2]
        key = request.headers.get(KEY_HEADER, "")
        exchange = await receiver.run_in_worker(_exchange, signal, request.headers.get("content-type", ""), key)
        receipt = TrackResponse(0, 0, [], "")
        try:
            with budget.share() as share:
                chunks = exchange.chunks(await _expanded(request, receiver, share))
                while chunk := await receiver.run_in_worker(next, chunks, None):
                    await receiver.take(chunk, store.append, receipt)
        except ClientDisconnect:
            return Response(status_code=BAD_REQUEST)
        except UnreadableBodyError as error:
            counts.items_rejected += 1
            return exchange.unreadable(str(error))
        except StoreUnavailableError as error:
            counts.requests_deferred += 1
            return exchange.unavailable(str(error))
        return exchange.accepted([error.message for error in receipt.errors])

    return [Route(f"/v1/{signal}", take, methods=["POST"]) for signal in ("traces", "logs", "metrics")]


def _exchange(signal: str, content_type: str, key: str) -> "OtlpRequest":
    # Google's protobuf takes a third of the time that the server has to start in.
    from local_insights.ingest.otlp.otlp_request import OtlpRequest  # noqa: PLC0415

    return OtlpRequest(signal, content_type, key)


async def _expanded(request: Request, receiver: Receiver, share: Reservation) -> bytes:
    """The whole body, without compression.

    Raises:
        ClientDisconnect: the sender went away.
        StoreUnavailableError: there is no room for it.
        UnreadableBodyError: the compressed data are damaged.
    """
    expander = Decompressor()
    texts: list[bytes] = []
    buffered_bytes = 0
    async for part in request.stream():
        steps = expander.feed(part)
        while (text := await receiver.run_in_worker(next, steps, None)) is not None:
            texts.append(text)
            buffered_bytes += len(text)
            share.hold(buffered_bytes)
    return b"".join(texts) + expander.end()
