"""The JSON of a transaction, which scripts depend on."""

import json

from local_insights.model.transaction import transaction
from local_insights.portal.transaction.as_json import transaction_json
from support.example_operation import OPERATION, TRACE


def test_transaction_json_schema() -> None:
    whole = transaction(OPERATION, TRACE)
    assert whole is not None
    document = json.loads(json.dumps(transaction_json(whole)))
    assert document["operation_id"] == OPERATION
    assert document["start_time"] == "2026-01-01T12:00:00+00:00"
    assert document["duration_ms"] == 40
    assert [(item["depth"], item["id"]) for item in document["items"]] == [
        (0, "f1"),
        (1, "d1"),
        (2, "e1"),
        (1, "d2"),
        (2, "s1"),
        (3, None),
        (3, "q1"),
    ]
    call = document["items"][6]
    expected = {
        "item_type": "dependency",
        "id": "q1",
        "parent_id": "s1",
        "role": "storage",
        "role_instance": "vm",
        "name": "call q1",
        "type": "MySQL",
        "target": "127.0.0.1:3306 | mesh",
        "data": "INSERT INTO value ...",
        "result_code": "0",
        "success": True,
        "start_time": "2026-01-01T12:00:00.015000+00:00",
        "duration_ms": 10,
        "message": None,
        "properties": {},
        "offset_ms": 15,
    }
    assert {name: call[name] for name in expected} == expected
