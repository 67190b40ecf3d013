import threading
import time

from telemetry._internal._opencensus import QueueEvent
from telemetry._internal.export.batch_queue import BatchQueue


def test_batch_contains_all_items_of_the_interval() -> None:
    queue = BatchQueue(100)
    queue.put(1)
    threading.Timer(0.02, queue.put, [2]).start()
    assert queue.gets(10, timeout=0.1) == (1, 2)


def test_remaining_items_are_returned_without_waiting() -> None:
    queue = BatchQueue(100)
    queue.puts(range(5))
    queue.gets(2, timeout=0.01)
    began = time.monotonic()
    assert [queue.gets(2, timeout=60), queue.gets(2, timeout=60)] == [(2, 3), (4,)]
    assert time.monotonic() - began < 1


def test_event_wakes_the_thread_and_ends_the_batch() -> None:
    queue = BatchQueue(100)
    event = QueueEvent("flush")
    queue.puts([1, event, 2])
    assert queue.gets(10, timeout=60) == (1, event)
    assert queue.gets(10, timeout=60) == (2,)


def test_quarter_full_queue_wakes_the_thread() -> None:
    queue = BatchQueue(8)
    queue.puts([1, 2])
    assert queue.gets(10, timeout=60) == (1, 2)


def test_full_queue_drops_and_counts_the_oldest_item() -> None:
    queue = BatchQueue(2)
    queue.puts([1, 2, 3, 4])
    assert (queue.drain(), queue.dropped, queue.is_empty()) == ([3, 4], 2, True)


def test_event_is_accepted_by_a_full_queue() -> None:
    queue = BatchQueue(1)
    queue.puts([1, queue.EXIT_EVENT])
    assert queue.gets(10, timeout=60) == (1, queue.EXIT_EVENT)


def test_flush_returns_false_without_a_consumer() -> None:
    assert BatchQueue(1).flush(timeout=0.01) is False
