"""The JSON endpoints: `POST /values` and `GET /values`."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from frontend.backends import Backends, EnteredValue
from frontend.links import PortalLinks, ShownValue
from service.problems import problem_responses

NEWEST_BY_DEFAULT = 10


def values_router(backends: Backends, links: PortalLinks) -> APIRouter:
    """Return the routes of the JSON endpoints."""
    router = APIRouter(
        responses=problem_responses(
            HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE
        )
    )

    @router.post("/values", status_code=HTTPStatus.CREATED)
    async def enter(body: EnteredValue) -> ShownValue:
        """Echo and store a value; return it with the link to its transaction."""
        return links.show(await backends.enter(body.value, backends.deadline()))

    @router.get("/values")
    async def newest(limit: Annotated[int, Query(ge=1, le=100)] = NEWEST_BY_DEFAULT) -> list[ShownValue]:
        """List the latest values, newest first."""
        return [links.show(stored) for stored in await backends.newest(limit, backends.deadline())]

    return router
