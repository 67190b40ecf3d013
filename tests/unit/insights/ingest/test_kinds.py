"""Each type of telemetry, from captured envelopes with one change."""

import copy
import json
from typing import Any

import msgspec
import pytest

from local_insights.ingest.track_response import RejectedItemError
from local_insights.model.exception_chain import exception_chain
from local_insights.model.item import Item, ItemType
from support.captured_posts import envelopes
from support.read_items import read_items

OPENCENSUS, OPENTELEMETRY = "opencensus_fixed", "azure_monitor_opentelemetry"
REQUEST = envelopes(OPENCENSUS, "RequestData")[0]
DEPENDENCY = next(
    found for found in envelopes(OPENCENSUS, "RemoteDependencyData") if found["data"]["baseData"]["type"] == "HTTP"
)


def items(envelope: dict[str, Any]) -> list[Item]:
    return read_items(envelope)


def changed(envelope: dict[str, Any], **fields: object) -> Item:
    """Return the item of an envelope with other fields in its data."""
    other = copy.deepcopy(envelope)
    other["data"]["baseData"] |= fields
    (item,) = items(other)
    return item


def of_type(base_type: str, **fields: object) -> dict[str, Any]:
    return {"time": "2026-11-23T00:00:00Z", "data": {"baseType": base_type, "baseData": {"ver": 2, **fields}}}


def test_request_of_opencensus() -> None:
    (item,) = items(REQUEST)
    data, tags = REQUEST["data"]["baseData"], REQUEST["tags"]
    assert item._asdict() == {
        "time_us": 1_795_405_712_974_026,
        "item_type": "request",
        "item_count": 1,
        "role": "storage",
        "role_instance": "vm",
        "operation_id": tags["ai.operation.id"],
        "operation_name": tags["ai.operation.name"],
        "id": data["id"],
        "parent_id": "",
        "name": data["name"],
        "duration_us": 1000,
        "success": True,
        "result_code": "200",
        "dependency_type": "",
        "target": "",
        "data": data["url"],
        "source": "",
        "severity": None,
        "message": "",
        "problem_id": "",
        "exceptions_json": "",
        "value": None,
        "value_count": None,
        "value_min": None,
        "value_max": None,
        "value_std_dev": None,
        "properties_json": msgspec.json.encode(data["properties"]).decode(),
        "measurements_json": "",
        "details_json": "",
        "tags_json": item.tags_json,
        "sent_json": "",
        "instrumentation_key": REQUEST["iKey"],
        "sdk_version": "py3.11.7:oc0.11.4:ext1.1.15",
    }
    assert set(json.loads(item.tags_json)) == {
        "ai.device.id",
        "ai.device.locale",
        "ai.device.osVersion",
        "ai.device.type",
    }


def test_item_whose_id_parent_and_operation_are_one_id_has_no_parent() -> None:
    sent = copy.deepcopy(REQUEST)
    own = "5278C2F452AE43B1BE7A802B6DC9C9E6"
    sent["tags"] |= {"ai.operation.id": own, "ai.operation.parentId": f"|{own}."}
    item = changed(sent, id=own)
    assert (item.operation_id, item.id, item.parent_id) == (own.lower(), own.lower(), "")
    assert json.loads(item.sent_json)["parent_id"] == f"|{own}."


def test_dependency_of_opencensus() -> None:
    (item,) = items(envelopes("opencensus_half_sampled", "RemoteDependencyData")[0])
    assert (item.item_type, item.item_count, item.dependency_type) == ("dependency", 2, "HTTP")
    assert (item.target, item.data) == ("127.0.0.1:18002", "http://127.0.0.1:18002/echo")
    assert (item.id, item.parent_id, item.duration_us) == ("55ef10996dda7e42", "97ddcfa1a0778292", 29_000)


def test_log_outside_of_any_span_has_no_operation() -> None:
    (item,) = items(envelopes("opencensus_logs", "MessageData")[0])
    assert (item.operation_id, item.parent_id) == ("", "")
    assert (item.message, item.severity) == ("early", 2)
    assert json.loads(item.properties_json)["lineNumber"] == "24"
    assert json.loads(item.sent_json) == {
        "operation_id": "0" * 32,
        "parent_id": f"|{'0' * 32}.{'0' * 16}.",
    }


def test_exception_with_an_unparsed_stack() -> None:
    (item,) = items(envelopes(OPENTELEMETRY, "ExceptionData")[0])
    assert (item.name, item.message, item.severity) == ("ZeroDivisionError", "boom", 3)
    assert "t_otel.py" in json.loads(item.exceptions_json)[0]["stack"]
    assert item.problem_id == "ZeroDivisionError"


def test_problem_id_has_the_method_that_raised_the_exception() -> None:
    frames = [{"level": 1, "method": "main"}, {"level": 0, "method": "insert"}]
    (item,) = items(of_type("ExceptionData", exceptions=[{"typeName": "ValueError", "parsedStack": frames}]))
    assert item.problem_id == "ValueError at insert"


@pytest.mark.parametrize(
    ("frames", "problem_id"),
    [
        ([{"level": 0, "method": "<no_method>", "fileName": "app.js", "line": 12}], "ValueError at app.js:12"),
        ([{"level": 0, "method": "Object.<anonymous>", "fileName": "app.js", "line": 3}], "ValueError at app.js:3"),
        ([{"level": 0, "method": " ", "fileName": "app.js"}], "ValueError at app.js"),
        ([{"level": 1, "method": "main"}, {"level": 0, "method": "<no_method>"}], "ValueError at main"),
        ([], "ValueError"),
    ],
)
def test_problem_id_has_file_and_line_of_a_frame_without_method(frames: list[dict[str, Any]], problem_id: str) -> None:
    (item,) = items(of_type("ExceptionData", exceptions=[{"typeName": "ValueError", "parsedStack": frames}]))
    assert item.problem_id == problem_id


@pytest.mark.parametrize("type_name", ["String", "string", "Object", None])
def test_name_is_the_message_if_the_type_does_not_state_what_failed(type_name: str | None) -> None:
    message = "Uncaught TypeError: x is null\nat app.js"
    (item,) = items(of_type("ExceptionData", exceptions=[{"typeName": type_name, "message": message}]))
    assert item.name == item.problem_id == "Uncaught TypeError: x is null"
    assert item.message == message


@pytest.mark.parametrize("stack", ["Traceback: line 3, in view", ["Traceback: line 3,", "in view"]])
def test_stack_that_is_sent_as_text_is_the_stack(stack: object) -> None:
    details = {"typeName": "ZeroDivisionError", "parsedStack": stack}
    (item,) = items(of_type("ExceptionData", exceptions=[details]))
    (found,) = exception_chain(item.exceptions_json)
    assert (" ".join(found.stack.split()), item.properties_json) == ("Traceback: line 3, in view", "")


def test_text_of_parsed_stack_stays_a_property_if_there_is_another_stack() -> None:
    details = {"typeName": "E", "stack": "one", "parsedStack": "two"}
    (item,) = items(of_type("ExceptionData", exceptions=[details]))
    assert (exception_chain(item.exceptions_json)[0].stack, item.properties_json) == (
        "one",
        '{"exceptions.parsedStack":"two"}',
    )


def test_metric_with_a_time_without_zone() -> None:
    (item,) = items(envelopes("opencensus_metrics", "MetricData")[0])
    assert (item.item_type, item.name, item.value, item.time_us) == (
        "customMetric",
        "req_count",
        1.0,
        1_795_405_610_065_189,
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (r"\Processor(_Total)\% Processor Time", ["Processor", "_Total", "% Processor Time"]),
        (r"\Memory\Available Bytes", ["Memory", None, "Available Bytes"]),
        (r"\Process(??APP_WIN32_PROC??)\Private Bytes", ["Process", "??APP_WIN32_PROC??", "Private Bytes"]),
    ],
)
def test_performance_counter_is_recognized_by_its_name(name: str, parts: list[str | None]) -> None:
    (item,) = items(of_type("MetricData", metrics=[{"name": name, "ns": name, "value": 0.5}]))
    assert item.item_type == "performanceCounter"
    details = json.loads(item.details_json)
    assert [details.get(part) for part in ("category", "instance", "counter")] == parts


def test_performance_counter_is_recognized_by_its_property() -> None:
    counter = of_type("MetricData", metrics=[{"name": "queue", "value": 1}], properties={"CustomPerfCounter": "true"})
    assert [item.item_type for item in items(counter)] == ["performanceCounter"]


def test_several_metrics_of_one_envelope_become_several_items() -> None:
    metrics = [
        {"name": "a", "value": 1},
        {"name": "b", "kind": 1, "value": 6, "count": 3, "min": 1, "max": 3, "stdDev": 0.5},
    ]
    first, second = items(of_type("MetricData", metrics=metrics, properties={"route": "/x"}))
    assert (first.value, first.value_count, first.properties_json) == (1.0, None, '{"route":"/x"}')
    assert (second.value, second.value_count, second.value_min, second.value_max, second.value_std_dev) == (
        6,
        3,
        1,
        3,
        0.5,
    )
    assert json.loads(second.details_json) == {"kind": "Aggregation"}


def test_pre_aggregated_metric_of_requests_is_a_metric() -> None:
    """SDKs count requests before sampling, and send both metric and requests."""
    properties = {"_MS.MetricId": "requests/duration", "_MS.IsAutocollected": "True", "Request.Success": "True"}
    point = {"name": "http.server.request.duration", "kind": 1, "value": 250, "count": 5}
    (item,) = items(of_type("MetricData", metrics=[point], properties=properties))
    assert (item.item_type, item.value, item.value_count) == ("customMetric", 250, 5)
    assert json.loads(item.properties_json) == properties


def test_request_with_a_pre_aggregated_metric_is_a_request() -> None:
    properties = {"_MS.ProcessedByMetricExtractors": "(Name:'Requests', Ver:'1.1')"}
    item = changed(REQUEST, properties=properties)
    assert (item.item_type, item.item_count, json.loads(item.properties_json)) == ("request", 1, properties)


@pytest.mark.parametrize(
    ("base_type", "item_type"),
    [
        ("requestdata", "request"),
        ("REMOTEDEPENDENCYDATA", "dependency"),
        ("MessageData", "trace"),
        ("EventData", "customEvent"),
        ("PageViewData", "pageView"),
        ("PageviewData", "pageView"),
        ("PageEventData", "pageView"),
        ("PageViewPerfData", "browserTiming"),
        ("PageviewPerformanceData", "browserTiming"),
        ("PageViewPerformanceData", "browserTiming"),
        ("AvailabilityData", "availabilityResult"),
    ],
)
def test_type_is_recognized_by_every_name_and_in_any_case(base_type: str, item_type: str) -> None:
    (item,) = items(of_type(base_type, name="n"))
    assert item.item_type == ItemType(item_type)


def test_dependency_with_the_field_names_of_the_first_schema() -> None:
    legacy = {"remoteDependencyName": "q", "commandName": "SELECT 1", "dependencyTypeName": "SQL", "value": "00:00:01"}
    (item,) = items(of_type("RemoteDependencyData", target="server | db", **legacy))
    assert (item.name, item.data, item.dependency_type, item.duration_us) == ("q", "SELECT 1", "SQL", 1_000_000)


@pytest.mark.parametrize(
    ("fields", "column", "expected"),
    [
        ({"responseCode": 201}, "result_code", "201"),
        ({"name": 7}, "name", "7"),
        ({"name": None}, "name", ""),
        ({"name": ["a"]}, "name", '["a"]'),
        ({"name": "x" * 2000}, "name", "x" * 1024),
        ({"url": "x" * 3000}, "data", "x" * 2048),
        ({"success": "False"}, "success", False),
        ({"success": 0}, "success", False),
        ({"success": None}, "success", True),
        ({"success": "perhaps"}, "success", True),
        ({"duration": 12.5}, "duration_us", 12_500),
        ({"duration": None}, "duration_us", None),
        ({"properties": None}, "properties_json", ""),
        ({"properties": "none"}, "properties_json", '{"properties":"none"}'),
        ({"properties": {}, "success": "perhaps"}, "properties_json", '{"success":"perhaps"}'),
        ({"properties": {}, "measurements": {"m": "x"}}, "properties_json", '{"measurements.m":"x"}'),
        (
            {"properties": {"n": 10**30, "o": {"a": "ä"}}},
            "properties_json",
            f'{{"n":"{10**30}","o":"{{\\"a\\": \\"ä\\"}}"}}',
        ),
        (
            {"properties": {"k" * 150 + "1": "v", "k" * 150 + "2": "w"}},
            "properties_json",
            json.dumps({"k" * 150: "v", "k" * 140 + " (2)": "w"}, separators=(",", ":")),
        ),
        ({"properties": {"n": 1, "b": True, "z": None}}, "properties_json", '{"n":"1","b":"true","z":""}'),
        ({"properties": {"o": {"deep": [1]}}}, "properties_json", '{"o":"{\\"deep\\": [1]}"}'),
        (
            {"properties": {"k" * 200: "v" * 9000}},
            "properties_json",
            json.dumps({"k" * 150: "v" * 8192}, separators=(",", ":")),
        ),
        ({"measurements": {"m": "1.5", "bad": "x", "inf": 1e999}}, "measurements_json", '{"m":1.5}'),
        ({"id": "ABCDEF0123456789"}, "id", "abcdef0123456789"),
        ({"unknownField": {"a": 1}}, "name", REQUEST["data"]["baseData"]["name"]),
    ],
)
def test_value_of_another_type_is_coerced(fields: dict[str, object], column: str, expected: object) -> None:
    assert getattr(changed(REQUEST, **fields), column) == expected


@pytest.mark.parametrize("text", ["\ud800 half a pair", "\x00 \x1b control", "\N{PILE OF POO}", "a\u2028b"])
def test_any_text_can_be_stored(text: str) -> None:
    item = changed(REQUEST, name=text, properties={text: text})
    assert item.name == text.encode("utf-8", "replace").decode()
    item.properties_json.encode()


def test_invalid_utf_8_is_replaced() -> None:
    raw = json.dumps(REQUEST).encode().replace(b"GET", b"G\xffT")
    (item,) = read_items(raw)
    assert item.name.startswith("G\ufffdT")


def test_role_defaults_to_the_application_and_marks_browsers() -> None:
    without = copy.deepcopy(REQUEST)
    del without["tags"]["ai.cloud.role"]
    assert [item.role for item in items(without)] == ["app"]
    without["tags"]["ai.device.type"] = "Browser"
    assert [item.role for item in items(without)] == ["(browser) app"]
    del without["tags"]
    assert [item.role for item in items(without)] == ["app"]


def test_tags_are_truncated_to_their_limits() -> None:
    long = copy.deepcopy(REQUEST)
    long["tags"] |= {"ai.cloud.role": "r" * 300, "ai.user.id": "u" * 200, "ai.device.model": "m" * 2000}
    (item,) = items(long)
    tags = json.loads(item.tags_json)
    assert [len(text) for text in (item.role, tags["ai.user.id"], tags["ai.device.model"])] == [256, 128, 1024]


def test_original_values_are_stored_when_normalization_changes_them() -> None:
    sent = copy.deepcopy(DEPENDENCY)
    sent["data"]["baseData"]["target"] = "http://127.0.0.1:80/echo"
    sent["data"]["baseData"]["type"] = "Http"
    sent["data"]["baseData"]["id"] = "|4BF92F3577B34DA6A3CE929D0E0E4736.00F067AA0BA902B7."
    (item,) = items(sent)
    assert (item.target, item.dependency_type, item.id) == ("127.0.0.1", "HTTP", "00f067aa0ba902b7")
    assert json.loads(item.sent_json) == {
        "id": "|4BF92F3577B34DA6A3CE929D0E0E4736.00F067AA0BA902B7.",
        "target": "http://127.0.0.1:80/echo",
        "type": "Http",
    }


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        ({"data": {}}, "time: expected a value, got none"),
        ({"time": "2026-11-23T00:00:00Z"}, "data: expected a value, got none"),
        (
            {"time": "2026-11-23T00:00:00Z", "data": {"baseType": "EventData"}},
            "data.baseData: expected a value, got none",
        ),
        (
            {"time": "0001-01-01T00:00:00Z", "data": {"baseType": "EventData", "baseData": {}}},
            "time: expected a time between 1970 and 2262, got 0001-01-01T00:00:00",
        ),
        ({"time": 7, "data": {"baseType": "EventData", "baseData": {}}}, "time: expected an ISO 8601 time, got '7'"),
        (of_type("Nothing"), "data.baseType: expected a documented type"),
        (of_type("ExceptionData"), "data.baseData.exceptions: expected at least one exception"),
        (of_type("AvailabilityData", duration="soon"), "duration: expected d.hh:mm:ss"),
    ],
)
def test_rejection_states_field_expected_and_received_value(envelope: dict[str, Any], message: str) -> None:
    with pytest.raises(RejectedItemError) as rejected:
        items(envelope)
    assert str(rejected.value).startswith(message)


@pytest.mark.parametrize(
    "time", ["2026-11-23 03:46:50Z", "2026-11-23T03:46Z", "2026-11-23T03:46:50.1234567891Z", "20261123T034650Z"]
)
def test_time_is_parsed_in_any_iso_format(time: str) -> None:
    (item,) = items({**REQUEST, "time": time})
    assert item.time_us // 60_000_000 == 1_795_405_560_000_000 // 60_000_000
