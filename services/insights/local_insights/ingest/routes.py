"""The endpoints that SDKs post telemetry to."""

from collections.abc import Sequence
from typing import Protocol

import msgspec
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.batch import BAD_REQUEST, read_batch
from local_insights.ingest.body import BodyTooLargeError, UnreadableBodyError, expanded
from local_insights.ingest.receipt import ItemError, Receipt, app_id
from local_insights.model.item import Item

TRACK_PATHS = ("/v2/track", "/v2.1/track")
CONTENT_TOO_LARGE = 413
_LARGE_BODY_BYTES = 256 * 1024
"""Above this, reading takes milliseconds that other senders need not wait for."""


class Keeper(Protocol):
    """What of the store matters here."""

    async def append(self, items: Sequence[Item]) -> None:
        """See `store.contract.Store.append`."""


class IngestSettings(Protocol):
    """What of the settings matters here."""

    @property
    def app_name(self) -> str:
        """Role of items that name none."""

    @property
    def max_body_bytes(self) -> int:
        """Limit of a body, as sent and as expanded."""


def ingest_routes(store: Keeper, settings: IngestSettings) -> list[BaseRoute]:
    """Routes for `POST /v2/track` and `/v2.1/track`.

    An answer is given when the items are committed, because SDKs delete what was acknowledged. All final refusals (400,
    413, an item under `errors`) are of what would be no better the second time; where a second attempt can help, the
    store's `StoreUnavailableError` becomes 503, and SDKs keep the data.
    """

    async def track(request: Request) -> Response:
        try:
            body = expanded(await _read_body(request, settings.max_body_bytes), settings.max_body_bytes)
            if len(body) > _LARGE_BODY_BYTES:
                batch = await to_thread.run_sync(read_batch, body, settings.app_name)
            else:
                batch = read_batch(body, settings.app_name)
        except ClientDisconnect:
            return Response(status_code=BAD_REQUEST)
        except BodyTooLargeError as error:
            return _refusal(CONTENT_TOO_LARGE, f"{error}: send smaller batches, or raise INSIGHTS_MAX_BODY_BYTES")
        except UnreadableBodyError as error:
            return _refusal(BAD_REQUEST, str(error))
        await store.append(batch.items)
        return _answer(batch.receipt)

    return [Route(path, track, methods=["POST"]) for path in TRACK_PATHS]


async def _read_body(request: Request, limit_bytes: int) -> bytes:
    """The body as sent.

    Raises:
        BodyTooLargeError: no more than the limit was read.
        ClientDisconnect: the sender went away.
    """
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit_bytes:
            message = f"the body is larger than {limit_bytes} bytes"
            raise BodyTooLargeError(message)
        parts.append(part)
    return b"".join(parts)


def _refusal(status_code: int, message: str) -> Response:
    """An answer about a body as a whole. It is one item that was not kept: SDKs understand that shape."""
    return _answer(Receipt(1, 0, [ItemError(0, status_code, message)], app_id("")))


def _answer(receipt: Receipt) -> Response:
    return Response(msgspec.json.encode(receipt), receipt.status_code, media_type="application/json; charset=utf-8")
