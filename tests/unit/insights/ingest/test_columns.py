"""Every column of the query tables of Application Insights can be derived from an item.

The exception is `itemId`: no SDK sends it, it identifies the row.

Reference:
    "Application Insights telemetry data model" and "Migrate to workspace-based resources: table structure", Microsoft
    Learn.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local_insights.model.app_id import app_id
from local_insights.model.item import Item
from support.read_items import read_items

Derivation = Callable[[Item], object]

TAGS = {
    "ai.application.ver": "1.2",
    "ai.cloud.role": "frontend",
    "ai.cloud.roleInstance": "vm1",
    "ai.device.type": "PC",
    "ai.device.model": "model",
    "ai.device.osVersion": "Linux 6",
    "ai.device.browser": "Firefox",
    "ai.internal.sdkVersion": "py3.11:oc0.11",
    "ai.location.ip": "127.0.0.1",
    "ai.location.city": "Bern",
    "ai.location.province": "BE",
    "ai.location.country": "Switzerland",
    "ai.operation.id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "ai.operation.name": "POST /values",
    "ai.operation.parentId": "00f067aa0ba902b7",
    "ai.operation.syntheticSource": "probe",
    "ai.session.id": "session",
    "ai.user.id": "user",
    "ai.user.authUserId": "authenticated",
    "ai.user.accountId": "account",
}
COMMON_DATA = {"properties": {"k": "v"}, "measurements": {"m": 1.5}}
FRAME = {"level": 0, "method": "insert", "assembly": "storage", "fileName": "values.py", "line": 42}
SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "requests": (
        "RequestData",
        {
            "id": "b7ad6b7169203331",
            "name": "n",
            "url": "u",
            "source": "s",
            "success": False,
            "responseCode": "500",
            "duration": "00:00:00.3",
        },
    ),
    "dependencies": (
        "RemoteDependencyData",
        {
            "id": "b7ad6b7169203331",
            "name": "n",
            "target": "db",
            "type": "MySQL",
            "data": "SELECT 1",
            "success": True,
            "resultCode": "0",
            "duration": "00:00:00.3",
        },
    ),
    "traces": ("MessageData", {"message": "text", "severityLevel": 2}),
    "exceptions": (
        "ExceptionData",
        {
            "severityLevel": 3,
            "problemId": "p",
            "handledAt": "UserCode",
            "exceptions": [
                {"id": 1, "outerId": 0, "typeName": "Outer", "message": "outer", "parsedStack": [FRAME]},
                {
                    "id": 2,
                    "outerId": 1,
                    "typeName": "Inner",
                    "message": "inner",
                    "stack": "raw",
                    "parsedStack": [FRAME],
                },
            ],
        },
    ),
    "customEvents": ("EventData", {"name": "n"}),
    "customMetrics": (
        "MetricData",
        {"metrics": [{"name": "n", "ns": "s", "value": 6, "count": 3, "min": 1, "max": 3, "stdDev": 0.5}]},
    ),
    "pageViews": ("PageViewData", {"id": "b7ad6b7169203331", "name": "n", "url": "u", "duration": "00:00:00.3"}),
    "browserTimings": (
        "PageViewPerfData",
        {
            "name": "n",
            "url": "u",
            "perfTotal": "0:00:00:01.5",
            "networkConnect": "0:00:00:00.1",
            "sentRequest": "0:00:00:00.2",
            "receivedResponse": "0:00:00:00.3",
            "domProcessing": "0:00:00:00.9",
        },
    ),
    "availabilityResults": (
        "AvailabilityData",
        {
            "id": "b7ad6b7169203331",
            "name": "n",
            "duration": "00:00:00.3",
            "success": True,
            "runLocation": "Zurich",
            "message": "text",
            "size": 12.0,
        },
    ),
    "performanceCounters": ("MetricData", {"metrics": [{"name": r"\Process(python)\Private Bytes", "value": 6}]}),
}


def tag(name: str) -> Derivation:
    return lambda item: json.loads(item.tags_json)[name]


def detail(name: str) -> Derivation:
    return lambda item: json.loads(item.details_json)[name]


def exception(index: int, field: str) -> Derivation:
    return lambda item: json.loads(item.exceptions_json)[index][field]


def frame(index: int, field: str) -> Derivation:
    return lambda item: json.loads(item.exceptions_json)[index]["parsedStack"][0][field]


def duration_ms(item: Item) -> float | None:
    return None if item.duration_us is None else item.duration_us / 1000


COMMON: dict[str, tuple[Derivation, object]] = {
    "timestamp": (lambda item: item.time_us, 1_795_405_610_065_189),
    "itemCount": (lambda item: item.item_count, 4),
    "customDimensions": (lambda item: json.loads(item.properties_json), {"k": "v"}),
    "operation_Name": (lambda item: item.operation_name, "POST /values"),
    "operation_Id": (lambda item: item.operation_id, "4bf92f3577b34da6a3ce929d0e0e4736"),
    "operation_ParentId": (lambda item: item.parent_id, "00f067aa0ba902b7"),
    "operation_SyntheticSource": (tag("ai.operation.syntheticSource"), "probe"),
    "session_Id": (tag("ai.session.id"), "session"),
    "user_Id": (tag("ai.user.id"), "user"),
    "user_AuthenticatedId": (tag("ai.user.authUserId"), "authenticated"),
    "user_AccountId": (tag("ai.user.accountId"), "account"),
    "application_Version": (tag("ai.application.ver"), "1.2"),
    "client_Type": (tag("ai.device.type"), "PC"),
    "client_Model": (tag("ai.device.model"), "model"),
    "client_OS": (tag("ai.device.osVersion"), "Linux 6"),
    "client_IP": (tag("ai.location.ip"), "127.0.0.1"),
    "client_City": (tag("ai.location.city"), "Bern"),
    "client_StateOrProvince": (tag("ai.location.province"), "BE"),
    "client_CountryOrRegion": (tag("ai.location.country"), "Switzerland"),
    "client_Browser": (tag("ai.device.browser"), "Firefox"),
    "cloud_RoleName": (lambda item: item.role, "frontend"),
    "cloud_RoleInstance": (lambda item: item.role_instance, "vm1"),
    "appId": (lambda item: app_id(item.instrumentation_key), app_id("KEY")),
    "iKey": (lambda item: item.instrumentation_key, "key"),
    "sdkVersion": (lambda item: item.sdk_version, "py3.11:oc0.11"),
}
MEASUREMENTS: dict[str, tuple[Derivation, object]] = {
    "customMeasurements": (lambda item: json.loads(item.measurements_json), {"m": 1.5})
}
CALL: dict[str, tuple[Derivation, object]] = {
    "id": (lambda item: item.id, "b7ad6b7169203331"),
    "name": (lambda item: item.name, "n"),
    "duration": (duration_ms, 300.0),
    "performanceBucket": (duration_ms, 300.0),  # the range of the duration
}
OWN: dict[str, dict[str, tuple[Derivation, object]]] = {
    "requests": {
        **CALL,
        "itemType": (lambda item: item.item_type, "request"),
        "url": (lambda item: item.data, "u"),
        "source": (lambda item: item.source, "s"),
        "success": (lambda item: item.success, False),
        "resultCode": (lambda item: item.result_code, "500"),
    },
    "dependencies": {
        **CALL,
        "itemType": (lambda item: item.item_type, "dependency"),
        "target": (lambda item: item.target, "db"),
        "type": (lambda item: item.dependency_type, "MySQL"),
        "data": (lambda item: item.data, "SELECT 1"),
        "success": (lambda item: item.success, True),
        "resultCode": (lambda item: item.result_code, "0"),
    },
    "traces": {
        "itemType": (lambda item: item.item_type, "trace"),
        "message": (lambda item: item.message, "text"),
        "severityLevel": (lambda item: item.severity, 2),
    },
    "exceptions": {
        "itemType": (lambda item: item.item_type, "exception"),
        "problemId": (lambda item: item.problem_id, "p"),
        "handledAt": (detail("handledAt"), "UserCode"),
        "type": (lambda item: item.name, "Outer"),
        "message": (lambda item: item.message, "outer"),
        "assembly": (frame(0, "assembly"), "storage"),
        "method": (frame(0, "method"), "insert"),
        "outerType": (exception(0, "typeName"), "Outer"),
        "outerMessage": (exception(0, "message"), "outer"),
        "outerAssembly": (frame(0, "assembly"), "storage"),
        "outerMethod": (frame(0, "method"), "insert"),
        "innermostType": (exception(-1, "typeName"), "Inner"),
        "innermostMessage": (exception(-1, "message"), "inner"),
        "innermostAssembly": (frame(-1, "assembly"), "storage"),
        "innermostMethod": (frame(-1, "method"), "insert"),
        "severityLevel": (lambda item: item.severity, 3),
        "details": (exception(-1, "stack"), "raw"),
    },
    "customEvents": {
        "itemType": (lambda item: item.item_type, "customEvent"),
        "name": (lambda item: item.name, "n"),
    },
    "customMetrics": {
        "itemType": (lambda item: item.item_type, "customMetric"),
        "name": (lambda item: item.name, "n"),
        "value": (lambda item: item.value, 6.0),
        "valueSum": (lambda item: item.value, 6.0),
        "valueCount": (lambda item: item.value_count, 3),
        "valueMin": (lambda item: item.value_min, 1.0),
        "valueMax": (lambda item: item.value_max, 3.0),
        "valueStdDev": (lambda item: item.value_std_dev, 0.5),
    },
    "pageViews": {
        **CALL,
        "itemType": (lambda item: item.item_type, "pageView"),
        "url": (lambda item: item.data, "u"),
    },
    "browserTimings": {
        "itemType": (lambda item: item.item_type, "browserTiming"),
        "name": (lambda item: item.name, "n"),
        "url": (lambda item: item.data, "u"),
        "networkDuration": (detail("networkConnect"), 100.0),
        "sendDuration": (detail("sentRequest"), 200.0),
        "receiveDuration": (detail("receivedResponse"), 300.0),
        "processingDuration": (detail("domProcessing"), 900.0),
        "totalDuration": (detail("perfTotal"), 1500.0),
        "performanceBucket": (duration_ms, 1500.0),
    },
    "availabilityResults": {
        **CALL,
        "itemType": (lambda item: item.item_type, "availabilityResult"),
        "location": (detail("runLocation"), "Zurich"),
        "success": (lambda item: item.success, True),
        "message": (lambda item: item.message, "text"),
        "size": (detail("size"), 12.0),
    },
    "performanceCounters": {
        "itemType": (lambda item: item.item_type, "performanceCounter"),
        "name": (lambda item: item.name, r"\Process(python)\Private Bytes"),
        "category": (detail("category"), "Process"),
        "counter": (detail("counter"), "Private Bytes"),
        "instance": (detail("instance"), "python"),
        "value": (lambda item: item.value, 6.0),
    },
}
NO_MEASUREMENTS = {"customMetrics", "performanceCounters"}


def columns(table: str) -> dict[str, tuple[Derivation, object]]:
    return {**COMMON, **({} if table in NO_MEASUREMENTS else MEASUREMENTS), **OWN[table]}


def stored(table: str) -> Item:
    base_type, data = SENT[table]
    envelope = {
        "time": "2026-11-23T03:46:50.065189Z",
        "iKey": "key",
        "sampleRate": 25,
        "tags": TAGS,
        "data": {"baseType": base_type, "baseData": {**COMMON_DATA, **data}},
    }
    (item,) = read_items(envelope)
    return item


@pytest.mark.parametrize(("table", "column"), [(table, column) for table in OWN for column in columns(table)])
def test_column_can_be_derived(table: str, column: str) -> None:
    derive, expected = columns(table)[column]
    assert derive(stored(table)) == expected
