"""Spans become requests and dependencies, as in Azure's exporter."""

import json
import time
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from local_insights.ingest.otlp.spans import span_envelopes
from local_insights.model.item import Item
from support.otlp_requests import PARENT_ID, SERVICE, SPAN_ID, START_NS, TRACE_ID, pairs, span, traces
from support.read_items import read_documents

HTTP_SERVER = {
    "http.request.method": "POST",
    "http.route": "/values/{id}",
    "url.scheme": "http",
    "url.path": "/values/7",
    "server.address": "billing",
    "server.port": 8000,
    "http.response.status_code": 201,
    "client.address": "10.0.0.7",
    "user_agent.original": "curl/8",
}
IPV6 = "[2001:db8::1]:8443"
HTTP_CLIENT = {
    "http.request.method": "GET",
    "url.full": "http://stock:8001/items/7?full=1",
    "server.address": "stock",
    "server.port": 8001,
    "http.response.status_code": 200,
}


def items(*spans: Span, **service: Any) -> list[Item]:  # noqa: ANN401 - attributes of the resource
    return read_documents(span_envelopes(traces(*spans, service=service or SERVICE), "KEY"))


def item(kind: str, attributes: dict[str, object], **fields: Any) -> Item:  # noqa: ANN401 - fields of a span
    (found,) = items(span(kind, attributes, **fields))
    return found


def test_server_span_becomes_a_request() -> None:
    found = item("SERVER", {**HTTP_SERVER, "tenant": "x", "retries": 2, "tags": ["a", "b"]})
    assert (found.item_type, found.id, found.parent_id) == ("request", SPAN_ID.hex(), PARENT_ID.hex())
    assert (found.operation_id, found.time_us, found.duration_us) == (TRACE_ID.hex(), START_NS // 1000, 250_000)
    assert (found.role, found.role_instance, found.sdk_version) == ("shop.billing", "pod-1", "otlp_python:otel1.45.1")
    assert (found.name, found.operation_name) == ("POST /values/{id}", "POST /values/{id}")
    assert (found.data, found.result_code, found.success) == ("http://billing:8000/values/7", "201", True)
    assert json.loads(found.properties_json) == {
        "tenant": "x",
        "retries": "2",
        "tags": '["a", "b"]',
        "span.name": "work",
    }
    tags = json.loads(found.tags_json)
    assert (tags["ai.location.ip"], tags["ai.user.userAgent"]) == ("10.0.0.7", "curl/8")
    assert found.instrumentation_key == "key"


def test_client_span_becomes_a_dependency() -> None:
    found = item("CLIENT", HTTP_CLIENT)
    assert (found.item_type, found.dependency_type, found.target) == ("dependency", "HTTP", "stock:8001")
    assert (found.name, found.data, found.result_code) == ("GET /items/7", HTTP_CLIENT["url.full"], "200")
    assert (found.success, found.duration_us) == (True, 250_000)


def test_earlier_attribute_names_have_the_same_result() -> None:
    old_server = {
        "http.method": "POST",
        "http.route": "/values/{id}",
        "http.scheme": "http",
        "http.target": "/values/7",
        "http.host": "billing:8000",
        "http.status_code": 201,
    }
    old_client = {"http.method": "GET", "http.url": HTTP_CLIENT["url.full"], "http.status_code": 200}
    for kind, old, new in (("SERVER", old_server, HTTP_SERVER), ("CLIENT", old_client, HTTP_CLIENT)):
        before, now = item(kind, dict(old)), item(kind, dict(new))
        assert (before.name, before.data, before.target, before.result_code) == (
            now.name,
            now.data,
            now.target,
            now.result_code,
        )


@pytest.mark.parametrize(
    ("attributes", "target"),
    [
        ({"url.full": "https://stock/x", "server.address": "stock", "server.port": 443}, "stock"),
        ({"url.full": "http://stock:81/x"}, "stock:81"),
        ({"url.full": "http://user:secret@stock:80/x"}, "stock"),
        ({"http.host": "stock:9", "http.scheme": "http", "http.target": "/x"}, "stock:9"),
        ({"net.peer.name": "stock", "net.peer.port": 9, "http.scheme": "http", "http.target": "/x"}, "stock:9"),
        ({"peer.service": "stock"}, "stock"),
        ({"url.full": "http://[bad"}, "GET /"),
        ({"url.full": "http://[2001:DB8::1]:8443/", "server.address": "2001:DB8::1", "server.port": 8443}, IPV6),
        ({"url.full": "http://[2001:db8::1]:8443/", "server.address": "[2001:db8::1]", "server.port": 8443}, IPV6),
        ({"net.peer.ip": "2001:db8::1", "net.peer.port": 8443}, IPV6),
    ],
)
def test_target_of_an_http_call_is_its_host(attributes: dict[str, object], target: str) -> None:
    assert item("CLIENT", {"http.request.method": "GET", **attributes}).target == target


@pytest.mark.parametrize(
    ("kind", "attributes", "dependency_type", "target", "data"),
    [
        (
            "CLIENT",
            {"db.system.name": "mysql", "server.address": "db", "server.port": 3306, "db.namespace": "shop"}
            | {"db.query.text": "SELECT 1"},
            "MySQL",
            "db | shop",
            "SELECT 1",
        ),
        (
            "CLIENT",
            {"db.system": "postgresql", "net.peer.name": "db", "net.peer.port": 5433, "db.name": "shop"}
            | {"db.statement": "SELECT 2"},
            "postgresql",
            "db:5433 | shop",
            "SELECT 2",
        ),
        ("CLIENT", {"db.system": "mssql", "server.address": "db", "server.port": 1433}, "SQL", "db", ""),
        ("CLIENT", {"db.system": "redis", "db.operation": "GET"}, "redis", "redis", "GET"),
        ("CLIENT", {"db.system": "cassandra", "db.name": "keys"}, "cassandra", "keys", ""),
        ("CLIENT", {"messaging.system": "kafka", "messaging.destination.name": "orders"}, "kafka", "orders", ""),
        ("PRODUCER", {"messaging.system": "kafka", "messaging.destination": "o"}, "Queue Message | kafka", "o", ""),
        ("PRODUCER", {}, "Queue Message", "work", ""),
        ("CLIENT", {"rpc.system": "grpc", "server.address": "stock", "server.port": 50051}, "grpc", "stock:50051", ""),
        ("CLIENT", {"rpc.system": "grpc", "server.address": "Stock.EU", "server.port": 1}, "grpc", "stock.eu:1", ""),
        ("CLIENT", {"rpc.system": "grpc", "server.address": "2001:db8::1", "server.port": 8443}, "grpc", IPV6, ""),
        (
            "CLIENT",
            {"db.system": "cassandra", "server.address": "DB.EU", "db.name": "Keys"},
            "cassandra",
            "db.eu|Keys",
            "",
        ),
        ("CLIENT", {"peer.service": "Billing"}, "N/A", "Billing", ""),
        (
            "CLIENT",
            {"az.namespace": "Microsoft.ServiceBus", "server.address": "bus", "messaging.destination.name": "q"},
            "Microsoft.ServiceBus",
            "bus/q",
            "",
        ),
        ("CLIENT", {"gen_ai.system": "openai", **HTTP_CLIENT}, "GenAI | openai", "stock:8001", HTTP_CLIENT["url.full"]),
        ("CLIENT", {"gen_ai.system": "openai"}, "GenAI | openai", "openai", ""),
        ("CLIENT", {"peer.service": "fax"}, "N/A", "fax", ""),
        ("INTERNAL", {}, "InProc", "", ""),
        ("UNSPECIFIED", {}, "InProc", "", ""),
        ("INTERNAL", {"az.namespace": "Microsoft.Storage"}, "InProc | Microsoft.Storage", "", ""),
        ("INTERNAL", {"gen_ai.system": "openai"}, "GenAI | openai", "work", ""),
    ],
)
def test_dependency_has_type_and_target_as_in_azures_exporter(
    kind: str, attributes: dict[str, object], dependency_type: str, target: str, data: str
) -> None:
    found = item(kind, attributes)
    assert (found.dependency_type, found.target, found.data) == (dependency_type, target, data)


@pytest.mark.parametrize(
    ("attributes", "source"),
    [
        ({"messaging.system": "kafka", "messaging.destination.name": "orders"}, "orders"),
        ({"messaging.system": "kafka", "messaging.destination": "orders", "net.peer.name": "k"}, "k/orders"),
        ({"az.namespace": "Microsoft.EventHub", "server.address": "h", "messaging.destination.name": "o"}, "h/o"),
    ],
)
def test_consumer_span_becomes_a_request_with_the_queue_as_source(attributes: dict[str, object], source: str) -> None:
    found = item("CONSUMER", attributes)
    assert (found.item_type, found.source, found.name) == ("request", source, "work")


@pytest.mark.parametrize(
    ("code", "status", "success"),
    [
        (200, Status.STATUS_CODE_UNSET, True),
        (404, Status.STATUS_CODE_UNSET, False),
        (500, Status.STATUS_CODE_ERROR, False),
    ],
)
def test_request_fails_by_span_status_or_http_status(
    code: int, status: Status.StatusCode.ValueType, *, success: bool
) -> None:
    found = item("SERVER", {**HTTP_SERVER, "http.response.status_code": code}, status=Status(code=status))
    assert found.success is success


def test_dependency_fails_by_span_status_only() -> None:
    assert item("CLIENT", {**HTTP_CLIENT, "http.response.status_code": 404}).success is True
    assert item("CLIENT", HTTP_CLIENT, status=Status(code=Status.STATUS_CODE_ERROR)).success is False


def test_exception_event_becomes_an_exception() -> None:
    raised = Span.Event(
        name="exception",
        time_unix_nano=START_NS + 5_000,
        attributes=pairs({"exception.type": "ValueError", "exception.message": "no", "exception.stacktrace": "line 1"}),
    )
    _, found = items(span("SERVER", {"_MS.sampleRate": 25.0}, events=[raised]))
    assert (found.item_type, found.name, found.message) == ("exception", "ValueError", "no")
    assert (found.operation_id, found.parent_id) == (TRACE_ID.hex(), SPAN_ID.hex())
    assert (found.time_us, found.item_count) == (START_NS // 1000 + 5, 4)
    assert json.loads(found.exceptions_json)[0]["stack"] == "line 1"


@pytest.mark.parametrize("name", ["_MS.sampleRate", "microsoft.sample_rate"])
def test_item_count_of_a_span_is_derived_from_its_sampling_rate(name: str) -> None:
    found = item("SERVER", {name: 25.0})
    assert (found.item_count, found.properties_json) == (4, "")


def test_other_event_becomes_a_message() -> None:
    event = Span.Event(name="cache miss", time_unix_nano=START_NS, attributes=pairs({"key": "k"}))
    _, found = items(span(events=[event]))
    assert (found.item_type, found.message, found.properties_json) == ("trace", "cache miss", '{"key":"k"}')


def test_links_have_the_format_of_azures_exporter() -> None:
    found = item("SERVER", {}, links=[Span.Link(trace_id=TRACE_ID, span_id=PARENT_ID)])
    links = json.loads(json.loads(found.properties_json)["_MS.links"])
    assert links == [{"operation_Id": TRACE_ID.hex(), "id": PARENT_ID.hex()}]


@pytest.mark.parametrize(
    ("service", "role"),
    [
        ({"service.name": "a"}, "a"),
        ({"service.name": "a", "service.namespace": "n"}, "n.a"),
        ({"service.name": "unknown_service:python", "k8s.deployment.name": "d"}, "d"),
        ({"service.name": "unknown_service"}, "unknown_service"),
        ({"k8s.job.name": "j"}, "j"),
        ({"other": "x"}, "app"),
        ({"browser.platform": "Linux"}, "(browser) app"),
    ],
)
def test_role_is_the_name_of_the_service_or_its_deployment(service: dict[str, str], role: str) -> None:
    assert [found.role for found in items(span(), **service)] == [role]


def test_user_session_and_synthetic_source_become_tags() -> None:
    found = item(
        "SERVER",
        {"enduser.id": "ann", "enduser.pseudo.id": "a1", "session.id": "s", "user_agent.synthetic.type": "bot"},
    )
    tags = json.loads(found.tags_json)
    assert {name: tags[name] for name in tags if name.startswith(("ai.user", "ai.session", "ai.operation"))} == {
        "ai.user.authUserId": "ann",
        "ai.user.id": "a1",
        "ai.session.id": "s",
        "ai.operation.syntheticSource": "True",
    }
    assert json.loads(found.properties_json) == {"user_agent.synthetic.type": "bot"}


def test_fields_of_a_span_without_a_field_of_their_own_become_properties_status_message_first() -> None:
    failed = Status(code=Status.STATUS_CODE_ERROR, message="canceling statement due to timeout")
    link = Span.Link(trace_id=TRACE_ID, span_id=PARENT_ID, attributes=pairs({"why": "batch"}), trace_state="a=1")
    sent = span(
        "CLIENT",
        {"db.system.name": "postgresql", "server.address": "pg", "db.collection.name": "orders"}
        | {"db.response.status_code": "57014", "error.type": "QueryCanceled"},
        status=failed,
        links=[link],
        trace_state="b=2",
        dropped_events_count=3,
    )
    request = traces(sent, service={"service.name": "a", "deployment.environment.name": "staging"})
    scope = request.resource_spans[0].scope_spans[0].scope
    scope.name, scope.version = "my-lib", "3"
    (found,) = read_documents(span_envelopes(request, ""))
    assert (found.result_code, found.target, found.success) == ("57014", "pg", False)
    properties = json.loads(found.properties_json)
    assert next(iter(properties.items())) == ("otel.status_description", failed.message)
    assert {
        name: value for name, value in properties.items() if name not in {"_MS.links", "otel.status_description"}
    } == {
        "w3c.tracestate": "b=2",
        "otel.dropped_events_count": "3",
        "link.1.tracestate": "a=1",
        "link.1.why": "batch",
        "db.collection.name": "orders",
        "error.type": "QueryCanceled",
        "otel.scope.name": "my-lib",
        "otel.scope.version": "3",
        "deployment.environment.name": "staging",
    }


@pytest.mark.parametrize(
    ("kind", "attributes", "code"),
    [
        ("CLIENT", {"db.system.name": "mysql", "db.response.status_code": "1064"}, "1064"),
        ("CLIENT", {"db.system": "cosmosdb", "db.cosmosdb.status_code": 429}, "429"),
        ("CLIENT", {"rpc.system": "grpc", "rpc.grpc.status_code": 14}, "14"),
        ("SERVER", {"rpc.system.name": "grpc", "rpc.response.status_code": "NOT_FOUND"}, "NOT_FOUND"),
        ("CLIENT", {"http.request.method": "GET", "error.type": "timeout"}, "timeout"),
        ("CLIENT", {**HTTP_CLIENT, "error.type": "500"}, "200"),
        ("INTERNAL", {"error.type": "ValueError"}, "ValueError"),
        ("PRODUCER", {}, "0"),
    ],
)
def test_result_code_is_that_of_the_protocol_or_the_type_of_the_error(
    kind: str, attributes: dict[str, object], code: str
) -> None:
    assert item(kind, attributes).result_code == code


@pytest.mark.parametrize(
    ("earlier", "current"),
    [
        ({"gen_ai.system": "openai"}, {"gen_ai.provider.name": "openai"}),
        ({"az.namespace": "Microsoft.Storage"}, {"azure.resource_provider.namespace": "Microsoft.Storage"}),
        ({"peer.service": "fax"}, {"service.peer.name": "fax"}),
        (
            {"net.sock.peer.addr": "10.0.0.1", "net.sock.peer.port": 9},
            {"network.peer.address": "10.0.0.1", "network.peer.port": 9},
        ),
        ({"db.system": "redis", "db.redis.database_index": 3}, {"db.system.name": "redis", "db.namespace": "3"}),
        (
            {"rpc.system": "grpc", "net.peer.name": "a", "net.peer.port": 1},
            {"rpc.system.name": "grpc", "server.address": "a", "server.port": 1},
        ),
        (
            {"messaging.system": "kafka", "messaging.destination": "o"},
            {"messaging.system": "kafka", "messaging.destination.name": "o"},
        ),
    ],
)
def test_earlier_and_current_names_of_any_convention_have_the_same_result(
    earlier: dict[str, object], current: dict[str, object]
) -> None:
    assert item("CLIENT", earlier) == item("CLIENT", current)


def test_attribute_whose_value_no_field_has_stays_a_property() -> None:
    found = item("CLIENT", {**HTTP_CLIENT, "http.status_code": 503, "net.peer.name": "pod-7"}, name="GET /items/7")
    assert found.result_code == "200"
    assert json.loads(found.properties_json) == {"http.status_code": "503", "net.peer.name": "pod-7"}


def test_long_text_is_truncated() -> None:
    found = item("CLIENT", {"db.system": "mysql", "db.statement": "x" * 9_000})
    assert len(found.data) == 8_192
    assert json.loads(found.sent_json)["cut"] == {"data": 9_000}


def test_span_that_ends_before_its_start_has_duration_0() -> None:
    assert item("SERVER", {}, end_time_unix_nano=START_NS - 5).duration_us == 0


def test_span_without_a_start_has_the_time_of_its_end() -> None:
    found = item("SERVER", {}, start_time_unix_nano=0)
    assert (found.time_us, found.duration_us) == (START_NS // 1000 + 250_000, 0)


def test_span_without_times_has_the_time_of_the_receipt_and_its_event_too() -> None:
    before_us = time.time_ns() // 1000
    found = items(span(start_time_unix_nano=0, end_time_unix_nano=0, events=[Span.Event(name="e")]))
    assert all(before_us <= each.time_us <= time.time_ns() // 1000 for each in found)


def test_event_without_a_time_has_that_of_the_start_of_its_span() -> None:
    _, event = items(span(events=[Span.Event(name="e")]))
    assert event.time_us == START_NS // 1000
