from datetime import UTC, datetime

import httpx

from telemetry.integrations.httpx import TracedTransport
from telemetry.testing import RecordedTelemetry, SteppingClock


def test_ids_and_times_are_predictable() -> None:
    clock = SteppingClock()
    with RecordedTelemetry("shop", clock=clock) as recorded:
        with recorded.telemetry.span("first"):
            clock.advance(2)
        with recorded.telemetry.span("second"):
            pass
    first, second = recorded.spans.envelopes()
    assert (first["tags"]["ai.operation.id"], second["tags"]["ai.operation.id"]) == ("0" * 31 + "1", "0" * 31 + "2")
    assert (first["data"]["baseData"]["id"], second["data"]["baseData"]["id"]) == ("0" * 15 + "1", "0" * 15 + "2")
    assert first["data"]["baseData"]["duration"] == "0.00:00:02.001000"
    assert first["time"].startswith("2026-01-01T00:00:00.")
    assert second["time"].startswith("2026-01-01T00:00:02.")


def test_two_runs_are_equal() -> None:
    def run() -> list[object]:
        with (
            RecordedTelemetry("shop") as recorded,
            recorded.telemetry.span("outer"),
            recorded.telemetry.span("inner"),
        ):
            recorded.telemetry.event("happened")
        return [recorded.spans.envelopes(), [envelope["tags"] for envelope in recorded.logs.envelopes]]

    assert run() == run()


def test_services_of_one_test_share_ids_and_clock() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        caller = echo.telemetry.caller_context(dict(request.headers))
        with echo.telemetry.tracer(caller).span("serve"):
            return httpx.Response(200)

    with (
        RecordedTelemetry("frontend") as frontend,
        RecordedTelemetry("echo", id_generator=frontend.id_generator, clock=frontend.clock) as echo,
        httpx.Client(transport=TracedTransport(frontend.telemetry, httpx.MockTransport(respond))) as client,
    ):
        client.get("http://echo/")
    (call,), (serve,) = frontend.spans.spans, echo.spans.spans
    assert (serve.parent_span_id, serve.context.trace_id) == (call.span_id, call.context.trace_id)
    assert serve.span_id != call.span_id
    assert call.start_time < serve.start_time < serve.end_time < call.end_time


def test_tree_indents_children() -> None:
    with RecordedTelemetry("shop") as recorded:
        with recorded.telemetry.span("a"):
            with recorded.telemetry.span("b"), recorded.telemetry.span("c"):
                pass
            with recorded.telemetry.span("d"):
                pass
        with recorded.telemetry.span("e"):
            pass
    assert recorded.spans.tree() == ["a", "  b", "    c", "  d", "e"]


def test_span_of_a_remote_caller_is_not_indented() -> None:
    caller = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    with RecordedTelemetry("echo") as recorded:
        tracer = recorded.telemetry.tracer(recorded.telemetry.caller_context(caller))
        with tracer.span("serve"):
            pass
    assert recorded.spans.tree() == ["serve"]


def test_clock_advances_only_by_reads_and_advance() -> None:
    clock = SteppingClock(datetime(2026, 5, 1, tzinfo=UTC), step_s=0.5)
    assert clock.monotonic() == 0.5
    clock.advance(10)
    assert clock.monotonic() == 11.0
    assert clock.time_ns() == int(datetime(2026, 5, 1, tzinfo=UTC).timestamp() * 1e9) + 11_500_000_000
    assert clock.perf_counter_ns() == 12_000_000_000
