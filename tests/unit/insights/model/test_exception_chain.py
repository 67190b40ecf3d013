"""Exceptions as sent by SDKs."""

import json

import pytest

from local_insights.model.exception_chain import ExceptionDetail, StackFrame, exception_chain


def test_parsed_stack_becomes_frames_with_file_and_line() -> None:
    chain = exception_chain(
        json.dumps(
            [
                {
                    "typeName": "OperationalError",
                    "message": "table not found",
                    "parsedStack": [
                        {"level": 0, "method": "insert", "fileName": "/app/values.py", "line": 42},
                        {"level": 1, "method": "main", "assembly": "App"},
                        {"level": 2},
                    ],
                }
            ]
        )
    )
    assert chain == (
        ExceptionDetail(
            "OperationalError",
            "table not found",
            (StackFrame("insert", "/app/values.py:42"), StackFrame("main", "App"), StackFrame("?", "")),
        ),
    )


def test_raw_stack_is_unchanged() -> None:
    chain = exception_chain(json.dumps([{"typeName": "E", "message": "m", "stack": "line 1\n  line 2"}]))
    assert chain[0].stack == "line 1\n  line 2"


def test_raw_stack_is_omitted_if_there_are_frames() -> None:
    (error,) = exception_chain(json.dumps([{"typeName": "E", "stack": "raw", "parsedStack": [{"method": "main"}]}]))
    assert (error.frames, error.stack) == ((StackFrame("main", ""),), "")


def test_causes_are_in_the_order_sent() -> None:
    chain = exception_chain(json.dumps([{"id": 1, "typeName": "Outer"}, {"id": 2, "outerId": 1, "typeName": "Inner"}]))
    assert [error.type_name for error in chain] == ["Outer", "Inner"]


@pytest.mark.parametrize("sent", ["", "null", "{}", "[]", "[1, null]"])
def test_entries_that_are_not_exceptions_are_skipped(sent: str) -> None:
    assert exception_chain(sent) == ()


def test_fields_of_unexpected_types_become_text() -> None:
    malformed = [{"typeName": 7, "message": None, "parsedStack": [{"method": 1, "fileName": 2, "line": "x"}, 5]}]
    assert exception_chain(json.dumps(malformed)) == (ExceptionDetail("7", "", (StackFrame("1", "2:x"),)),)
