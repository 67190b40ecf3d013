import logging

import httpx
import pytest
from fastapi import BackgroundTasks, FastAPI

from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry.integrations.fastapi import trace_app
from telemetry.integrations.httpx import TracedTransport
from telemetry.testing import EnvelopeRecorder

logger = logging.getLogger("tested.names")
logger.setLevel(logging.INFO)


@pytest.fixture
def app(recorded: Recorded) -> FastAPI:
    recorded.telemetry.capture_logs("tested.names")
    app = FastAPI()

    @app.get("/items/{item}")
    def item(item: int, tasks: BackgroundTasks) -> None:
        transport = httpx.MockTransport(lambda _request: httpx.Response(200))
        with httpx.Client(transport=TracedTransport(recorded.telemetry, transport)) as client:
            client.get("http://h/1")
        logger.info("item %d", item)
        recorded.telemetry.event("item requested")
        early.export(recorded.spans.envelopes())  # the exporting thread may do so before the request ends
        tasks.add_task(after)

    def after() -> None:
        with recorded.telemetry.span("afterwards"):
            logger.info("afterwards")

    early = EnvelopeRecorder()
    app.state.early = early
    trace_app(app, recorded.telemetry)
    return app


@pytest.mark.anyio
async def test_all_items_of_a_request_have_its_operation_name(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/items/4")
    sent = [*app.state.early.envelopes, *recorded.spans.envelopes(), *recorded.logs.envelopes]
    assert len(sent) == 7
    assert {envelope["tags"].get("ai.operation.name") for envelope in sent} == {"GET /items/{item}"}


@pytest.mark.anyio
async def test_work_after_the_response_is_a_child_of_the_request(app: FastAPI, recorded: Recorded) -> None:
    async with running(app) as client:
        await client.get("/items/4")
    spans = {span.name: span for span in recorded.spans.spans}
    log = recorded.logs.envelopes[-1]
    assert spans["afterwards"].parent_span_id == spans["GET /items/{item}"].span_id
    assert log["tags"]["ai.operation.parentId"] == spans["afterwards"].span_id


def test_operation_of_a_script_has_the_name_of_its_root_span(recorded: Recorded) -> None:
    with recorded.telemetry.span("nightly job"), recorded.telemetry.span("step"):
        pass
    names = [envelope["tags"]["ai.operation.name"] for envelope in recorded.spans.envelopes()]
    assert names == ["nightly job", "nightly job"]
