"""Exceptions with unusual attributes reach the application unchanged, and are recorded."""

import asyncio
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx
import pytest
from fastapi import FastAPI

from support.recorded_telemetry import Recorded
from telemetry._internal.transparent_context import transparent_context
from telemetry.integrations.fastapi import trace_app
from telemetry.integrations.httpx import TracedTransport


@dataclass(frozen=True)
class FrozenError(Exception):
    """An exception whose attributes cannot be set."""

    reason: str = "frozen"


def unreadable(_error: object) -> NoReturn:
    message = "not readable"
    raise RuntimeError(message)


def unusual(name: str, value: object) -> Exception:
    """Return an exception with an attribute of its class that hides Python's own."""
    base: Any = ExceptionGroup if name == "exceptions" else Exception
    created: Any = type("UnusualError", (base,), {name: value})
    error: Exception = created("group", [ValueError("member")]) if name == "exceptions" else created("text")
    return error


NAMES = ["__str__", "__dict__", "__class__", "__traceback__", "__cause__", "__context__", "exceptions", "args"]
ERRORS: list[Callable[[], Exception]] = [
    FrozenError,
    *(lambda name=name: unusual(name, property(unreadable)) for name in NAMES),
    *(lambda name=name: unusual(name, 5) for name in ["__cause__", "__context__", "exceptions", "sqlstate"]),
]


@pytest.mark.parametrize("create", ERRORS)
def test_exception_leaves_a_span_unchanged(create: Callable[[], Exception], recorded: Recorded) -> None:
    error = create()
    caught: BaseException | None = None
    try:
        with recorded.telemetry.span("work"):
            raise error  # noqa: TRY301, the exception of the block
    except BaseException as raised:  # noqa: BLE001, the exception is compared
        caught = raised
    assert caught is error
    assert [item["success"] for item in recorded.spans.items("RemoteDependencyData")] == [False]


def test_traceback_has_no_frames_of_the_span(recorded: Recorded) -> None:
    error = FrozenError()
    with pytest.raises(FrozenError), recorded.telemetry.span("work"):
        raise error
    frames = traceback.extract_tb(error.__traceback__)
    assert not [frame for frame in frames if "transparent_context" in frame.filename]


@pytest.mark.parametrize("create", ERRORS)
def test_exception_of_a_transport_reaches_the_application(create: Callable[[], Exception], recorded: Recorded) -> None:
    class Failing(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
            raise error

    error = create()
    caught: BaseException | None = None
    try:
        TracedTransport(recorded.telemetry, Failing()).handle_request(httpx.Request("GET", "http://host/"))
    except BaseException as raised:  # noqa: BLE001, the exception is compared
        caught = raised
    assert caught is error


def run(app: FastAPI) -> BaseException | None:
    """Send GET / to an app that does not wait, and return the exception that the server receives."""

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(_message: object) -> None:
        pass

    scope: dict[str, object] = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    call: Any = app(scope | {"scheme": "http", "http_version": "1.1", "root_path": ""}, receive, send)
    try:
        call.send(None)
    except StopIteration:
        return None
    except BaseException as raised:  # noqa: BLE001, the exception is compared
        return raised
    finally:
        call.close()
    return asyncio.CancelledError()


@pytest.mark.parametrize("create", ERRORS)
def test_request_with_an_exception_is_recorded(create: Callable[[], Exception], recorded: Recorded) -> None:
    def app(error: Exception) -> FastAPI:
        created = FastAPI()

        @created.get("/")
        async def fail() -> None:
            raise error

        return created

    error = create()
    untraced, traced = app(error), app(error)
    trace_app(traced, recorded.telemetry)
    assert type(run(traced)) is type(run(untraced))
    assert [item["success"] for item in recorded.spans.items("RequestData")] == [False]
    assert len(recorded.spans.items("ExceptionData")) == 1


def test_interrupt_at_the_end_of_a_block_is_raised() -> None:
    @transparent_context
    def interrupted() -> Generator[None]:
        try:
            yield
        finally:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), interrupted():
        raise FrozenError


def test_cancellation_of_a_block_is_raised(recorded: Recorded) -> None:
    error = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError) as caught, recorded.telemetry.span("work"):
        raise error
    assert caught.value is error
