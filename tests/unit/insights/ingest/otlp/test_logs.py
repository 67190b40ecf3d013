"""Log records become messages, exceptions, custom events and availability results, as in Azure's exporter."""

import json
import time
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from local_insights.ingest.otlp.logs import log_envelopes, severity_level
from local_insights.model.item import Item
from support.otlp_requests import SPAN_ID, START_NS, TRACE_ID, logs, record
from support.read_items import read_documents


def item(found: LogRecord, logger: str = "") -> Item:
    (read,) = read_documents(log_envelopes(logs(found, logger=logger), ""))
    return read


def test_record_becomes_a_message_of_its_span() -> None:
    found = item(record(" stored ", {"value": 4}), logger="storage")
    assert (found.item_type, found.message, found.severity) == ("trace", "stored", 1)
    assert (found.operation_id, found.parent_id, found.role) == (TRACE_ID.hex(), SPAN_ID.hex(), "shop.billing")
    assert json.loads(found.properties_json) == {"value": "4", "logger_name": "storage"}


def test_record_outside_of_any_span_has_no_operation() -> None:
    found = item(record("early", trace_id=b"", span_id=bytes(8)))
    assert (found.operation_id, found.parent_id) == ("", "")


@pytest.mark.parametrize(
    ("number", "level"), [(0, 0), (1, 0), (8, 0), (9, 1), (12, 1), (13, 2), (17, 3), (20, 3), (21, 4), (24, 4), (99, 4)]
)
def test_four_severity_numbers_make_one_level(number: int, level: int) -> None:
    assert severity_level(number) == level


@pytest.mark.parametrize(
    ("body", "message"),
    [("text", "text"), ({"a": [1, True]}, '{"a": [1, true]}'), (["ä", 1.5], '["ä", 1.5]'), (7, "7"), ("", "n/a")],
)
def test_body_of_any_type_becomes_a_text(body: object, message: str) -> None:
    assert item(record(body)).message == message


def test_record_with_exception_attributes_becomes_an_exception() -> None:
    raised = {"exception.type": "ValueError", "exception.message": "no", "exception.stacktrace": "line 1", "order": 7}
    found = item(record("order failed", raised, severity_number=17))
    assert (found.item_type, found.name, found.message, found.severity) == (
        "exception",
        "ValueError",
        "order failed",
        3,
    )
    assert json.loads(found.exceptions_json)[0]["stack"] == "line 1"
    assert json.loads(found.properties_json) == {"order": "7", "exception.message": "no"}


@pytest.mark.parametrize(
    ("body", "attributes", "properties"),
    [
        ("paid", {"microsoft.custom_event.name": "checkout"}, {"body": "paid"}),
        ("", {"microsoft.custom_event.name": "checkout"}, {}),
        ("checkout", {"APPLICATION_INSIGHTS_EVENT_MARKER_ATTRIBUTE": True}, {}),
    ],
)
def test_record_with_an_event_name_becomes_a_custom_event(
    body: str, attributes: dict[str, Any], properties: dict[str, str]
) -> None:
    found = item(record(body, {**attributes, "microsoft.custom_measurements": '{"items": 3, "bad": "x"}', "k": "v"}))
    assert (found.item_type, found.name) == ("customEvent", "checkout")
    unread = {"microsoft.custom_measurements": '{"items": 3, "bad": "x"}'}
    assert json.loads(found.properties_json) == {"k": "v", "severity_number": "9", **unread, **properties}
    assert json.loads(found.measurements_json) == {"items": 3.0}


def test_record_with_availability_attributes_becomes_an_availability_result() -> None:
    fields = {"id": "t1", "name": "probe", "duration": "00:00:01.5", "success": "true", "runLocation": "lab"}
    found = item(record("fine", {f"microsoft.availability.{name}": value for name, value in fields.items()}))
    assert (found.item_type, found.name, found.success) == ("availabilityResult", "probe", True)
    assert (found.duration_us, found.message, found.details_json) == (1_500_000, "fine", '{"runLocation":"lab"}')


def test_record_with_data_of_the_classic_api_becomes_their_type() -> None:
    body = {
        "id": "v1",
        "name": "home",
        "url": "http://shop/",
        "measurements": {"m": 1.5},
        "properties": {"own": "p"},
        "extra": "e",
    }
    found = item(record(body, {"_MS.baseType": "PageViewData", "k": "v"}, severity_number=0))
    assert (found.item_type, found.id, found.name, found.data) == ("pageView", "v1", "home", "http://shop/")
    assert found.measurements_json == '{"m":1.5}'
    assert json.loads(found.properties_json) == {"k": "v", "own": "p", "extra": "e"}


@pytest.mark.parametrize(("base_type", "body"), [("PageViewData", "text"), ("Unknown", {"name": "home"})])
def test_record_with_a_base_type_but_no_data_becomes_a_message(base_type: str, body: object) -> None:
    assert item(record(body, {"_MS.baseType": base_type})).item_type == "trace"


def test_record_without_time_has_the_observed_time() -> None:
    found = item(record("late", time_unix_nano=0, observed_time_unix_nano=START_NS + 7_000))
    assert found.time_us == START_NS // 1000 + 7


def test_fields_of_a_record_without_a_field_of_their_own_become_properties() -> None:
    fields: dict[str, Any] = {"event_name": "checkout", "severity_text": "INFO2", "severity_number": 10, "flags": 1}
    found = item(record("paid", None, observed_time_unix_nano=START_NS + 5, dropped_attributes_count=2, **fields))
    assert (found.message, found.severity) == ("paid", 1)
    assert json.loads(found.properties_json) == {
        "event.name": "checkout",
        "severity_text": "INFO2",
        "severity_number": "10",
        "observed_time_unix_nano": str(START_NS + 5),
        "otel.trace_flags": "1",
        "otel.dropped_attributes_count": "2",
    }


def test_record_without_any_time_has_the_time_of_the_receipt() -> None:
    before_us = time.time_ns() // 1000
    assert before_us <= item(record("now", time_unix_nano=0)).time_us <= time.time_ns() // 1000
