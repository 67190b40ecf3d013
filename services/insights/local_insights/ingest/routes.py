"""The endpoints that Application Insights SDKs post telemetry to, and what else they ask for."""

from collections.abc import Sequence
from typing import Protocol

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from local_insights.ingest.batch import BAD_REQUEST
from local_insights.ingest.collector import Keep, Receiver
from local_insights.ingest.memory_budget import MemoryBudget
from local_insights.ingest.policy import IngestPolicy
from local_insights.ingest.stats import IngestStats
from local_insights.ingest.track_response import TrackResponse
from local_insights.model.app_id import app_id
from local_insights.model.item import Item
from local_insights.store.contract import StoreUnavailableError

TRACK_PATHS = ("/v2/track", "/v2.1/track")


class Keeper(Protocol):
    """What of the store matters here."""

    async def append(self, items: Sequence[Item]) -> None:
        """See `store.contract.Store.append`."""


def ingest_routes(store: Keeper, intake: IngestPolicy, budget: MemoryBudget, counts: IngestStats) -> list[BaseRoute]:
    """Routes for `POST /v2/track`, `/v2.1/track` and `/v2/validate`, and `GET /api/profiles/{key}/appId`.

    An answer is given when the items are committed, because SDKs delete what was acknowledged. Only what would be no
    better the second time is refused for good: 400, or an item under `errors`. Where a second attempt can help, the
    store's `StoreUnavailableError` becomes 503, and SDKs keep the data. No body is too large.

    Args:
        store: keeps the items.
        intake: what is taken.
        budget: of what is held in memory until it is kept.
        counts: is told what came.
    """
    receiver = Receiver(intake, counts)
    validator = Receiver(intake, IngestStats())

    async def track(request: Request) -> Response:
        return await received(request, receiver, store.append)

    async def validate(request: Request) -> Response:
        return await received(request, validator, _forget)

    async def received(request: Request, by: Receiver, keep: Keep) -> Response:
        try:
            with budget.share() as share:
                receipt = await by.receive(request.stream(), share, keep)
        except ClientDisconnect:
            return Response(status_code=BAD_REQUEST)
        except StoreUnavailableError:
            counts.requests_deferred += 1
            raise
        return _answer(receipt)

    return [
        *(Route(path, track, methods=["POST"]) for path in TRACK_PATHS),
        Route("/v2/validate", validate, methods=["POST"]),
        Route("/api/profiles/{key}/appId", _application_id),
    ]


async def _forget(_: Sequence[Item]) -> None:
    """Keep nothing: a validation only wants to know."""


async def _application_id(request: Request) -> Response:
    """The id that older SDKs put into `Request-Context: appId=cid-v1:<id>`, as bare text."""
    return PlainTextResponse(app_id(request.path_params["key"]))


def _answer(receipt: TrackResponse) -> Response:
    return Response(msgspec.json.encode(receipt), receipt.status_code, media_type="application/json; charset=utf-8")
