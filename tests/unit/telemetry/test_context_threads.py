import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.recorded_telemetry import Recorded
from telemetry import ContextThreadPoolExecutor, current_operation_id, with_current_context


def work(recorded: Recorded, name: str = "work") -> None:
    with recorded.telemetry.span(name):
        pass


def parents(recorded: Recorded) -> set[str | None]:
    return {span.parent_span_id for span in recorded.spans.spans if span.name == "work"}


def test_thread_with_context_belongs_to_the_operation(recorded: Recorded) -> None:
    with recorded.telemetry.span("request") as request:
        thread = threading.Thread(target=with_current_context(work), args=(recorded,))
        thread.start()
        thread.join()
    assert parents(recorded) == {request.span_id}


def test_function_with_context_can_run_concurrently(recorded: Recorded) -> None:
    barrier = threading.Barrier(4)

    def run_concurrently(number: int) -> int:
        barrier.wait(5)
        work(recorded)
        return number

    with recorded.telemetry.span("request") as request, ThreadPoolExecutor(4) as pool:
        assert list(pool.map(with_current_context(run_concurrently), range(4))) == [0, 1, 2, 3]
    assert parents(recorded) == {request.span_id}


def test_pool_runs_each_call_in_the_operation_that_submitted_it(recorded: Recorded) -> None:
    with ContextThreadPoolExecutor(1) as pool:
        seen = []
        for name in ("one", "two"):
            with recorded.telemetry.span(name):
                seen.append((pool.submit(current_operation_id).result(), current_operation_id()))
        assert list(pool.map(str, [1, 2])) == ["1", "2"]
    assert all(there == here for there, here in seen)
    assert len(set(seen)) == 2


@pytest.mark.anyio
async def test_pool_propagates_context_from_the_event_loop(recorded: Recorded) -> None:
    with ContextThreadPoolExecutor(1) as pool, recorded.telemetry.span("request") as request:
        await asyncio.get_running_loop().run_in_executor(pool, work, recorded)
    assert parents(recorded) == {request.span_id}


def test_span_started_in_a_thread_is_not_current_outside(recorded: Recorded) -> None:
    def start_without_ending() -> None:
        recorded.telemetry.tracer().start_span("not ended")

    before = current_operation_id()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(with_current_context(start_without_ending)).result()
    assert current_operation_id() == before
