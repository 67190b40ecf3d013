"""Input that is rejected with 422 is logged with the field and the rule, without the value."""

import logging
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import httpx
import pytest
from fastapi import FastAPI, Form, Query
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.problems import install_problem_handlers, log_rejected_input
from support.recorded_telemetry import Recorded
from support.running_app import running
from telemetry import current_ids
from telemetry.integrations.fastapi import trace_app

pytestmark = pytest.mark.anyio

SECRET = "my-secret"  # noqa: S105 - input that must not be logged


def quote(value: str) -> str:
    message = f"{value} is not valid"
    raise ValueError(message)


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Body(BaseModel):
    """Fields whose messages or locations in pydantic's errors contain input."""

    model_config = ConfigDict(extra="forbid")

    short: Annotated[str, Field(min_length=2, max_length=4)] = "abc"
    count: Annotated[int, Field(ge=1, le=3)] = 1
    counts: dict[str, int] = {}
    numbers: list[int] = []
    quoting: Annotated[str, AfterValidator(quote)] = ""
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat(kind="cat")


def build_app(recorded: Recorded) -> FastAPI:
    app = FastAPI(title="shop")
    install_problem_handlers(app, current_ids)

    @app.post("/orders")
    async def order(body: Body) -> None:
        del body

    @app.post("/form")
    async def form(count: Annotated[int, Form()]) -> None:
        del count

    @app.get("/orders")
    async def orders(limit: Annotated[int, Query(le=100)]) -> None:
        del limit

    recorded.telemetry.capture_logs("shop")
    trace_app(app, recorded.telemetry)
    return app


@pytest.fixture
def recorded() -> Recorded:
    return Recorded("shop")


@pytest.fixture
async def client(anyio_backend: str, recorded: Recorded) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ARG001 - for anyio
    async with running(build_app(recorded)) as client:
        yield client


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"short": SECRET}, "body.short: string_too_long (max_length=4)"),
        ({"count": SECRET}, "body.count: int_parsing"),
        ({"count": 17}, "body.count: less_than_equal (le=3)"),
        ({"numbers": [1, SECRET]}, "body.numbers.1: int_parsing"),
        ({"counts": {SECRET: "x"}}, "body.counts.(undeclared): int_parsing"),
        ({SECRET: 1}, "body.(undeclared): extra_forbidden"),
        ({"quoting": SECRET}, "body.quoting: value_error"),
        ({"pet": {"kind": SECRET}}, "body.pet: union_tag_invalid"),
        (SECRET, "body: model_attributes_type"),
    ],
)
async def test_record_has_field_and_rule_and_belongs_to_the_request(
    client: httpx.AsyncClient, recorded: Recorded, body: object, reason: str
) -> None:
    assert (await client.post("/orders", json=body)).status_code == 422
    (record,) = recorded.logs.envelopes
    (span,) = recorded.spans.spans
    assert recorded.messages == [f"input rejected with 422: {reason}"]
    assert record["data"]["baseData"]["severityLevel"] == 2
    assert record["tags"]["ai.operation.parentId"] == span.span_id
    assert SECRET not in str(record)


async def test_form_and_query_are_logged(client: httpx.AsyncClient, recorded: Recorded) -> None:
    await client.post("/form", data={"count": SECRET})
    await client.get("/orders", params={"limit": "101"})
    assert recorded.messages == [
        "input rejected with 422: body.count: int_parsing",
        "input rejected with 422: query.limit: less_than_equal (le=100)",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"my-secret', "body.1: json_invalid"),
        (b"my-secret\xff", "body: not JSON (UnicodeDecodeError)"),
        (b"[" * 100_000, "body: not JSON (RecursionError)"),
    ],
)
async def test_body_that_is_not_json_is_logged(
    client: httpx.AsyncClient, recorded: Recorded, content: bytes, reason: str
) -> None:
    await client.post("/orders", content=content, headers={"content-type": "application/json"})
    assert recorded.messages == [f"input rejected with 422: {reason}"]


async def test_other_errors_are_not_logged_as_rejected_input(client: httpx.AsyncClient, recorded: Recorded) -> None:
    await client.get("/missing")
    await client.delete("/orders")
    assert recorded.messages == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([SECRET, *Body.model_fields]), inner),
    max_leaves=8,
)


@given(body=JSON)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_value_is_logged_property(caplog: pytest.LogCaptureFixture, body: object) -> None:
    app = build_app(Recorded("shop"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        await client.post("/orders", json=body)
    assert SECRET not in caplog.text


def test_long_list_of_reasons_is_cut(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "shop"):
        log_rejected_input("shop", [f"field {number}" for number in range(12)])
    assert caplog.messages[0].endswith("field 8; field 9; 2 more")
