import asyncio
import contextvars
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from support.recorded_telemetry import Recorded
from telemetry import Telemetry, TelemetrySettings, current_operation_id
from telemetry.testing import EnvelopeRecorder, SpanRecorder


def test_span_outside_an_operation_starts_one_that_ends_with_it(recorded: Recorded) -> None:
    with recorded.telemetry.span("first"):
        first = current_operation_id()
    assert current_operation_id() is None
    with recorded.telemetry.span("second"):
        assert current_operation_id() != first
    assert [span.parent_span_id for span in recorded.spans.spans] == [None, None]


def test_nested_span_is_a_child(recorded: Recorded) -> None:
    with recorded.telemetry.span("outer") as outer, recorded.telemetry.span("inner"):
        pass
    inner = recorded.spans.spans[0]
    assert (inner.name, inner.parent_span_id) == ("inner", outer.span_id)


@pytest.mark.anyio
async def test_concurrent_tasks_are_siblings_with_their_own_spans(recorded: Recorded) -> None:
    async def work(name: str) -> tuple[str, str]:
        with recorded.telemetry.operation() as tracer, recorded.telemetry.span(name) as span:
            await asyncio.sleep(0.01)
            return str(span.span_id), tracer.headers()["traceparent"]

    with recorded.telemetry.span("parent") as parent:
        made = await asyncio.gather(*(work(f"child{number}") for number in range(3)))
    for span_id, header in made:
        assert header.split("-")[2] == span_id
    assert [span.parent_span_id for span in recorded.spans.spans] == [parent.span_id] * 3 + [None]


@pytest.mark.anyio
async def test_ending_a_tracer_leaves_other_tasks_spans_open(recorded: Recorded) -> None:
    async def long_work() -> None:
        with recorded.telemetry.span("long"):
            await asyncio.sleep(0.02)

    with recorded.telemetry.operation() as tracer, recorded.telemetry.span("parent"):
        task = asyncio.create_task(long_work())
        await asyncio.sleep(0)
        tracer.finish()
        assert recorded.spans.spans == []
        await task
    assert recorded.spans.names == ["long", "parent"]


def test_span_in_a_new_thread_is_recorded(recorded: Recorded) -> None:
    def work(name: str) -> None:
        with recorded.telemetry.span(name):
            pass

    with recorded.telemetry.span("request") as request:
        alone = threading.Thread(target=work, args=("alone",))
        joined = threading.Thread(target=contextvars.copy_context().run, args=(work, "joined"))
        for thread in (alone, joined):
            thread.start()
            thread.join()
    parents = {span.name: span.parent_span_id for span in recorded.spans.spans}
    assert parents == {"alone": None, "joined": request.span_id, "request": None}


@pytest.mark.anyio
async def test_work_in_a_pool_is_a_child_when_its_context_is_copied(recorded: Recorded) -> None:
    def work(name: str) -> None:
        with recorded.telemetry.span(name):
            pass

    with ThreadPoolExecutor() as pool, recorded.telemetry.span("request") as request:
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(work, "to_thread")
        await loop.run_in_executor(pool, contextvars.copy_context().run, work, "run_in_executor")
        pool.submit(contextvars.copy_context().run, work, "submit").result()
        pool.submit(work, "submit without context").result()
    parents = {span.name: span.parent_span_id for span in recorded.spans.spans}
    assert parents == {
        "to_thread": request.span_id,
        "run_in_executor": request.span_id,
        "submit": request.span_id,
        "submit without context": None,
        "request": None,
    }


def test_exception_ends_the_span_as_failed(recorded: Recorded) -> None:
    def fail() -> None:
        with recorded.telemetry.span("failing"):
            message = "no"
            raise LookupError(message)

    with pytest.raises(LookupError):
        fail()
    dependency = recorded.spans.items("RemoteDependencyData")[0]
    assert (dependency["success"], dependency["resultCode"], dependency["type"]) == (False, "LookupError", "INPROC")


@pytest.mark.anyio
async def test_span_decorates_functions_and_coroutines(recorded: Recorded) -> None:
    @recorded.telemetry.span("halve")
    def halve(number: int) -> float:
        return number / 2

    @recorded.telemetry.span("wait")
    async def wait(*, name: str) -> str:
        with recorded.telemetry.span(name):
            await asyncio.sleep(0.01)
        return name

    assert (halve(4), halve(number=6)) == (2, 3)
    assert list(await asyncio.gather(wait(name="one"), wait(name="two"))) == ["one", "two"]
    assert (halve.__name__, wait.__name__) == ("halve", "wait")
    spans = {span.span_id: span for span in recorded.spans.spans}
    assert sorted(span.name for span in spans.values()) == ["halve", "halve", "one", "two", "wait", "wait"]
    assert all(spans[span.parent_span_id].name == "wait" for span in spans.values() if span.name in {"one", "two"})


def test_decorated_function_that_raises_leaves_no_span_open(recorded: Recorded) -> None:
    with recorded.telemetry.operation() as tracer, recorded.telemetry.span("caller") as caller:

        @tracer.trace_decorator()
        def divide(dividend: int, divisor: int) -> float:
            return dividend / divisor

        with pytest.raises(ZeroDivisionError):
            divide(4, 0)
        assert divide(4, divisor=2) == 2
    failed, succeeded = recorded.spans.items("RemoteDependencyData")[:2]
    assert [(item["name"], item["success"]) for item in (failed, succeeded)] == [("divide", False), ("divide", True)]
    assert {span.parent_span_id for span in recorded.spans.spans[:2]} == {caller.span_id}


@pytest.mark.anyio
async def test_decorated_coroutine_is_a_span_as_long_as_it_runs(recorded: Recorded) -> None:
    with recorded.telemetry.operation() as tracer:

        @tracer.trace_decorator()
        async def wait() -> str:
            await asyncio.sleep(0.01)
            return "done"

        assert await wait() == "done"
    assert recorded.spans.items("RemoteDependencyData")[0]["duration"] >= "0.00:00:00.010000"


def test_duration_survives_a_clock_that_is_set_back(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorded.telemetry.span("adjusted"):
        earlier = time.time_ns() - 3_600_000_000_000
        monkeypatch.setattr(time, "time_ns", lambda: earlier)
    span = recorded.spans.spans[0]
    assert 0 <= (datetime.fromisoformat(span.end_time) - datetime.fromisoformat(span.start_time)).total_seconds() < 1


def test_short_span_has_a_duration(recorded: Recorded) -> None:
    with recorded.telemetry.span("short"):
        time.sleep(0.0002)
    assert "0.00:00:00.000200" <= recorded.spans.items("RemoteDependencyData")[0]["duration"] < "0.00:00:01"


def test_entering_a_span_again_does_not_shorten_it(recorded: Recorded) -> None:
    with recorded.telemetry.operation() as tracer:
        span = tracer.start_span("once")
        started = span.start_time
        with span:
            assert span.start_time == started


def test_attribute_limit_does_not_drop_the_status_code(recorded: Recorded) -> None:
    with recorded.telemetry.span("busy") as span:
        for number in range(100):
            span.add_attribute(f"key{number}", number)
        span.add_attribute("http.status_code", 200)
    attributes = recorded.spans.spans[0].attributes
    assert len(attributes) == 33
    assert {"key0", "key31", "http.status_code"} <= attributes.keys()


def test_url_is_recorded_without_credentials_and_query(recorded: Recorded) -> None:
    with recorded.telemetry.span("call") as span:
        span.add_attribute("http.url", "http://user:pw@host:81/path?token=secret#part")
    assert recorded.spans.spans[0].attributes["http.url"] == "http://host:81/path"


def test_spans_before_start_and_after_close_are_ignored() -> None:
    recorder = SpanRecorder()
    telemetry = Telemetry(TelemetrySettings(role="r"), span_exporter=recorder, log_exporter=EnvelopeRecorder())
    with telemetry.span("before"):
        assert current_operation_id()
    with telemetry, telemetry.span("between"):
        pass
    telemetry.close()
    with telemetry.span("after"):
        pass
    assert recorder.names == ["between"]


def test_unsampled_operation_records_nothing_and_has_an_id() -> None:
    recorder = SpanRecorder()
    settings = TelemetrySettings(role="r", sampling_rate=0.0)
    telemetry = Telemetry(settings, span_exporter=recorder, log_exporter=EnvelopeRecorder())
    with telemetry, telemetry.span("unsampled") as span:
        span.add_attribute("key", "value")
        assert current_operation_id()
    assert recorder.spans == []


def test_console_setting_prints_the_span_data(capsys: pytest.CaptureFixture[str]) -> None:
    settings = TelemetrySettings(role="r", console=True)
    with (
        Telemetry(settings, span_exporter=SpanRecorder(), log_exporter=EnvelopeRecorder()) as telemetry,
        telemetry.span("test"),
    ):
        pass
    shown = capsys.readouterr().out
    assert shown.startswith("[SpanData(name='test', context=SpanContext(trace_id=")
    assert "span_id=None" in shown
