"""`@telemetry.span` on generators: the span covers the iteration, and the generator behaves as without it."""

import inspect
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest

from support.recorded_telemetry import Recorded
from telemetry import current_operation_id

pytestmark = pytest.mark.anyio


def counted(recorded: Recorded, *, traced: bool) -> Any:  # noqa: ANN401
    def numbers(last: int) -> Generator[int, str, str]:
        received = []
        for number in range(last):
            with recorded.telemetry.span(f"make {number}"):
                pass
            try:
                received.append((yield number))
            except KeyError as error:
                received.append(f"handled {error}")
        return " ".join(map(str, received))

    return recorded.telemetry.span("numbers")(numbers) if traced else numbers


def counted_async(recorded: Recorded, *, traced: bool) -> Any:  # noqa: ANN401
    async def numbers(last: int) -> AsyncGenerator[object, str]:
        for number in range(last):
            with recorded.telemetry.span(f"make {number}"):
                pass
            try:
                sent = yield number
            except KeyError as error:
                sent = f"handled {error}"
            if sent:
                yield sent

    return recorded.telemetry.span("numbers")(numbers) if traced else numbers


def test_span_covers_the_iteration_and_not_the_work_of_the_consumer(recorded: Recorded) -> None:
    with recorded.telemetry.span("consumer"):
        operation_id = current_operation_id()
        for _ in counted(recorded, traced=True)(2):
            with recorded.telemetry.span("consume"):
                assert current_operation_id() == operation_id
    assert recorded.spans.tree() == ["consumer", "  numbers", "    make 0", "    make 1", "  consume", "  consume"]
    assert [item["success"] for item in recorded.spans.items("RemoteDependencyData")] == [True] * 6


async def test_span_covers_an_asynchronous_iteration(recorded: Recorded) -> None:
    with recorded.telemetry.span("consumer"):
        async for _ in counted_async(recorded, traced=True)(2):
            with recorded.telemetry.span("consume"):
                pass
    assert recorded.spans.tree() == ["consumer", "  numbers", "    make 0", "    make 1", "  consume", "  consume"]


def test_concurrent_generators_have_their_own_spans(recorded: Recorded) -> None:
    numbers = counted(recorded, traced=True)
    assert list(zip(numbers(2), numbers(2), strict=True)) == [(0, 0), (1, 1)]
    assert recorded.spans.tree() == ["numbers", "  make 0", "  make 1"] * 2
    assert len({span.context.trace_id for span in recorded.spans.spans}) == 2


@pytest.mark.parametrize("traced", [False, True])
def test_send_throw_and_return_value_are_those_of_the_generator(recorded: Recorded, *, traced: bool) -> None:
    generator = counted(recorded, traced=traced)(3)
    seen = [next(generator), generator.send("a"), generator.throw(KeyError("b"))]
    with pytest.raises(StopIteration) as end:
        generator.send("c")
    assert (seen, end.value.value) == ([0, 1, 2], "a handled 'b' c")


@pytest.mark.parametrize("traced", [False, True])
async def test_asend_and_athrow_are_those_of_the_generator(recorded: Recorded, *, traced: bool) -> None:
    generator = counted_async(recorded, traced=traced)(2)
    seen = [await anext(generator), await generator.asend("a"), await anext(generator)]
    seen.append(await generator.athrow(KeyError("b")))
    assert seen == [0, "a", 1, "handled 'b'"]
    with pytest.raises(StopAsyncIteration):
        await anext(generator)


def test_consumer_that_stops_early_is_no_failure(recorded: Recorded) -> None:
    generator = counted(recorded, traced=True)(9)
    next(generator)
    generator.close()
    assert recorded.spans.tree() == ["numbers", "  make 0"]
    assert recorded.spans.items("RemoteDependencyData")[-1]["success"] is True


async def test_consumer_that_closes_an_asynchronous_generator_is_no_failure(recorded: Recorded) -> None:
    generator = counted_async(recorded, traced=True)(9)
    await anext(generator)
    await generator.aclose()
    assert recorded.spans.items("RemoteDependencyData")[-1]["success"] is True


def test_error_of_a_generator_is_raised_and_recorded(recorded: Recorded) -> None:
    generator = counted(recorded, traced=True)(2)
    next(generator)
    with pytest.raises(LookupError, match="unknown"):
        generator.throw(LookupError("unknown"))
    assert recorded.spans.items("RemoteDependencyData")[-1]["success"] is False


def test_generator_that_is_not_iterated_has_no_span(recorded: Recorded) -> None:
    counted(recorded, traced=True)(2)
    assert recorded.spans.tree() == []


def test_decorated_functions_remain_generator_functions(recorded: Recorded) -> None:
    assert inspect.isgeneratorfunction(counted(recorded, traced=True))
    assert inspect.isasyncgenfunction(counted_async(recorded, traced=True))
