"""A traced FastAPI application with an endpoint for each kind of response."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import StreamingResponse

from support.recorded_telemetry import Recorded
from telemetry import current_operation_id
from telemetry.integrations.fastapi import trace_app


def build_traced_app(recorded: Recorded) -> FastAPI:
    """Return an application with the same router under `/api` and, in a mounted application, under `/mounted/deep`."""
    app = FastAPI()

    @app.get("/healthz")
    async def health() -> str | None:
        with recorded.telemetry.span("dependency check"):
            return current_operation_id()

    @app.get("/healthz-of-others")
    async def other() -> None:
        return None

    router = _router(recorded)
    inner = FastAPI()
    inner.include_router(router, prefix="/deep")
    app.include_router(router, prefix="/api")
    app.mount("/mounted", inner)
    trace_app(app, recorded.telemetry)
    return app


def _router(recorded: Recorded) -> APIRouter:
    router = APIRouter()

    @router.get("/items/{item}")
    async def item(item: int) -> dict[str, str | None]:
        with recorded.telemetry.span("work"):
            await asyncio.sleep(0.001 * item)
        return {"operation_id": current_operation_id()}

    @router.get("/threaded/{item}")
    def threaded(item: int) -> int:
        with recorded.telemetry.span("work"):
            return item

    @router.get("/broken")
    async def broken() -> None:
        message = "failed"
        raise RuntimeError(message)

    @router.get("/conflict")
    async def conflict() -> None:
        raise HTTPException(409)

    @router.get("/stream")
    async def stream(*, fail: bool = False) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"one"
            await asyncio.sleep(0.02)
            if fail:
                message = "in mid-stream"
                raise RuntimeError(message)
            yield b"two"

        return StreamingResponse(chunks())

    @router.get("/background")
    async def background(tasks: BackgroundTasks) -> None:
        tasks.add_task(asyncio.sleep, 0.5)

    return router
