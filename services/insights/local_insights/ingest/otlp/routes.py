"""The endpoints of the OpenTelemetry protocol over HTTP (OTLP/HTTP)."""

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.batch import BAD_REQUEST
from local_insights.ingest.collector import Collector
from local_insights.ingest.decompress import UnreadableBodyError, UnsupportedEncodingError
from local_insights.store.contract import StoreUnavailableError

if TYPE_CHECKING:
    from local_insights.ingest.otlp.otlp_request import OtlpRequest

KEY_HEADER = "api-key"
"""The instrumentation key, for `INSIGHTS_ALLOWED_KEYS`. SDKs send it by `OTEL_EXPORTER_OTLP_HEADERS`."""


def otlp_routes(collector: Collector) -> list[BaseRoute]:
    """Return the routes `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, for protobuf and JSON.

    Every item becomes the envelope that Azure's exporter would send, and is ingested like any envelope: the response is
    sent after the commit, a bad item is rejected alone, and 503 makes SDKs retry.
    """

    async def export(request: Request) -> Response:
        signal = request.url.path.rpartition("/")[2]
        content_type = request.headers.get("content-type", "")
        otlp_request = await collector.run_in_worker(
            _otlp_request, signal, content_type, request.headers.get(KEY_HEADER, "")
        )
        try:
            with collector.reception(request.headers.get("content-encoding", "")) as reception:
                chunks = otlp_request.chunks(await reception.decompress(request.stream()))
                while chunk := await collector.run_in_worker(next, chunks, None):
                    await reception.ingest(chunk)
        except ClientDisconnect:
            return Response(status_code=BAD_REQUEST)
        except UnreadableBodyError as error:
            collector.rejections.add(request, [str(error)])
            return otlp_request.rejected(str(error))
        except UnsupportedEncodingError as error:
            collector.rejections.add(request, [str(error)])
            return otlp_request.unsupported(str(error))
        except StoreUnavailableError as error:
            return otlp_request.unavailable(str(error))
        otlp_request.errors += [error.message for error in reception.response.errors]
        collector.rejections.add(request, otlp_request.errors, reception.sdk_version)
        return otlp_request.accepted()

    return [Route(f"/v1/{signal}", export, methods=["POST"]) for signal in ("traces", "logs", "metrics")]


def _otlp_request(signal: str, content_type: str, key: str) -> "OtlpRequest":
    # The protobuf package would account for a third of the server's start-up time.
    from local_insights.ingest.otlp.otlp_request import OtlpRequest  # noqa: PLC0415

    return OtlpRequest(signal, content_type, key)
