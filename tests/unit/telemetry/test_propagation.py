from hypothesis import given
from hypothesis import strategies as st
from opencensus.trace.samplers import AlwaysOffSampler, AlwaysOnSampler, ProbabilitySampler

from telemetry._internal.tracing.propagation import Propagator
from telemetry._internal.tracing.span_context import SpanContext
from telemetry._internal.tracing.tracing import ParentBasedSampler

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def read(flags: str = "01", **more: str) -> SpanContext:
    return Propagator().from_headers({"traceparent": f"00-{TRACE}-{SPAN}-{flags}", **more})


def test_span_of_the_header_becomes_the_parent() -> None:
    context = read()
    assert (context.trace_id, context.remote_parent_id, context.from_header) == (TRACE, SPAN, True)


@given(st.integers(0, 255))
def test_only_the_lowest_bit_of_the_flags_is_used(flags: int) -> None:
    context = read(f"{flags:02x}")
    assert context.trace_id == TRACE
    assert context.trace_options.enabled == bool(flags & 1)


@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{31,33}-[0-9a-f]{15,17}-[0-9a-f]{1,3}(-.*)?", fullmatch=True))
def test_any_header_returns_a_context(header: str) -> None:
    context = Propagator().from_headers({"traceparent": header})
    assert len(context.trace_id) == 32
    assert context.from_header == (context.trace_id in header)


def test_malformed_header_starts_a_new_trace() -> None:
    for header in (
        f"00-{TRACE}-{SPAN}",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
    ):
        context = Propagator().from_headers({"traceparent": header})
        assert not context.from_header
        assert context.trace_id != TRACE


def test_tracestate_is_propagated_unchanged() -> None:
    for state in ("1a=x", "a=b=c", "a=b,", "a=b,,c=d", "a@v=1"):
        assert Propagator().to_headers(read(tracestate=state))["tracestate"] == state


def test_tracestate_of_a_malformed_traceparent_is_not_propagated() -> None:
    context = Propagator().from_headers({"traceparent": "malformed", "tracestate": "a=b"})
    assert "tracestate" not in Propagator().to_headers(context)


def test_unsampled_root_sends_a_valid_header() -> None:
    context = SpanContext()
    headers = [Propagator().to_headers(context)["traceparent"] for _ in range(2)]
    read_back = Propagator().from_headers({"traceparent": headers[0]})
    assert headers[0] == headers[1]
    assert (read_back.trace_id, read_back.from_header) == (context.trace_id, True)
    assert not read_back.trace_options.enabled


def test_sampling_decision_of_the_caller_is_followed() -> None:
    for root in (AlwaysOnSampler(), AlwaysOffSampler(), ProbabilitySampler(1.0), ProbabilitySampler(0.0)):
        assert ParentBasedSampler(root).should_sample(read("01"))
        assert not ParentBasedSampler(root).should_sample(read("00"))


def test_sampler_decides_at_the_root_of_a_trace() -> None:
    assert ParentBasedSampler(AlwaysOnSampler()).should_sample(SpanContext())
    assert not ParentBasedSampler(AlwaysOffSampler()).should_sample(SpanContext())
