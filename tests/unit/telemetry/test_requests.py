from collections.abc import Iterator
from typing import Any

import pytest
import requests
from opencensus.trace import execution_context

from support.ingestion_server import Ingestion, ingestion_server
from support.recorded_telemetry import Recorded
from telemetry.integrations.requests import trace_requests, untrace_requests


@pytest.fixture(autouse=True)
def traced(recorded: Recorded) -> Iterator[None]:
    trace_requests(recorded.telemetry)
    yield
    untrace_requests()


@pytest.fixture(scope="module")
def server() -> Iterator[Ingestion]:
    with ingestion_server() as server:
        yield server


def dependencies(recorded: Recorded) -> list[dict[str, Any]]:
    return recorded.spans.items("RemoteDependencyData")


def test_call_is_a_dependency_and_the_parent_of_the_server_span(server: Ingestion, recorded: Recorded) -> None:
    with recorded.telemetry.span("caller") as caller:
        sent = requests.post(f"{server.url}/values/17?token=secret", json=[], timeout=5).request
    dependency = dependencies(recorded)[0]
    assert sent.headers["traceparent"].split("-")[2] == dependency["id"]
    assert recorded.spans.spans[0].parent_span_id == caller.span_id
    assert dependency["name"] == "POST /values/{id}"
    assert dependency["data"] == f"{server.url}/values/17"
    assert (dependency["type"], dependency["target"]) == ("HTTP", f"127.0.0.1:{server.port}")
    assert (dependency["resultCode"], dependency["success"]) == ("200", True)


def test_call_without_headers_propagates_context(server: Ingestion) -> None:
    sent = requests.post(server.url, json=[], headers=None, timeout=5).request
    assert "traceparent" in sent.headers


def test_prepared_request_is_traced_and_not_changed(server: Ingestion, recorded: Recorded) -> None:
    prepared = requests.Request("POST", server.url, json=[]).prepare()
    with requests.Session() as session:
        sent = session.send(prepared, timeout=5).request
    assert "traceparent" in sent.headers
    assert "traceparent" not in prepared.headers
    assert len(dependencies(recorded)) == 1


def test_headers_passed_by_the_caller_are_not_changed(server: Ingestion) -> None:
    headers = {"x-mine": "1"}
    requests.post(server.url, json=[], headers=headers, timeout=5)
    assert headers == {"x-mine": "1"}


def test_credentials_are_not_recorded(server: Ingestion, recorded: Recorded) -> None:
    requests.post(f"http://user:secret@127.0.0.1:{server.port}/", json=[], timeout=5)
    assert "secret" not in str(recorded.spans.envelopes())
    assert "secret" not in str(recorded.spans.spans)


def test_tracing_twice_does_not_double_the_spans(server: Ingestion, recorded: Recorded) -> None:
    trace_requests(recorded.telemetry)
    requests.post(server.url, json=[], timeout=5)
    assert len(dependencies(recorded)) == 1


def test_untrace_restores_the_original_method(recorded: Recorded) -> None:
    untrace_requests()
    untraced = requests.Session.send
    trace_requests(recorded.telemetry)
    trace_requests(recorded.telemetry)
    assert requests.Session.send is not untraced
    untrace_requests()
    assert requests.Session.send is untraced


def test_redirects_are_part_of_the_call(server: Ingestion, recorded: Recorded) -> None:
    responses = iter([(307, {"Location": f"{server.url}/there"}, b""), (200, {}, b"")])
    server.respond = lambda _body: next(responses)
    requests.post(f"{server.url}/here", json=[], timeout=5)
    server.respond = Ingestion.respond
    assert [item["name"] for item in dependencies(recorded)] == ["POST /here"]


def test_error_status_is_a_failure(server: Ingestion, recorded: Recorded) -> None:
    server.respond = lambda _body: (503, {}, b"")
    requests.post(server.url, json=[], timeout=5)
    server.respond = Ingestion.respond
    assert [(item["resultCode"], item["success"]) for item in dependencies(recorded)] == [("503", False)]


def test_unreachable_server_is_a_failure_with_its_error(recorded: Recorded) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get("http://127.0.0.1:9/", timeout=5)
    assert [(item["resultCode"], item["success"]) for item in dependencies(recorded)] == [("ConnectionError", False)]
    assert execution_context.get_current_span() is None


def test_requests_of_the_exporting_thread_are_not_traced(server: Ingestion, recorded: Recorded) -> None:
    execution_context.set_is_exporter(True)
    try:
        requests.post(server.url, json=[], timeout=5)
    finally:
        execution_context.set_is_exporter(False)
    assert recorded.spans.spans == []
