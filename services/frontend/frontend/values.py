"""The JSON interface: `POST /values` and `GET /values`."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from frontend.mesh import EnteredValue, Mesh
from frontend.portal import Portal, ShownValue
from service.problems import problem_responses

NEWEST_BY_DEFAULT = 10


def values_router(mesh: Mesh, portal: Portal) -> APIRouter:
    """Build the routes of the JSON interface."""
    router = APIRouter(
        responses=problem_responses(
            HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE
        )
    )

    @router.post("/values", status_code=HTTPStatus.CREATED)
    async def enter(body: EnteredValue) -> ShownValue:
        """Have a value echoed and stored, and say where its transaction can be seen."""
        return portal.show(await mesh.enter(body.value, mesh.deadline()))

    @router.get("/values")
    async def newest(limit: Annotated[int, Query(ge=1, le=100)] = NEWEST_BY_DEFAULT) -> list[ShownValue]:
        """List the latest values, newest first."""
        return [portal.show(stored) for stored in await mesh.newest(limit, mesh.deadline())]

    return router
