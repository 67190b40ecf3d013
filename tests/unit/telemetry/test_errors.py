from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from telemetry._internal.errors import exception_details


def raised(error: Exception) -> Exception:
    """Return the error with a traceback."""
    try:
        raise error  # noqa: TRY301, sets the traceback
    except Exception as caught:  # noqa: BLE001, any exception of a test
        return caught


def links(details: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(entry["message"], entry["outerId"]) for entry in details]


def test_members_of_a_group_follow_it_with_types_texts_and_frames() -> None:
    group = raised(ExceptionGroup("two failed", [raised(ValueError("first")), raised(KeyError("second"))]))
    details = exception_details(group)
    assert [entry["typeName"] for entry in details] == ["ExceptionGroup", "ValueError", "KeyError"]
    assert links(details) == [("two failed (2 sub-exceptions)", 0), ("first", 1), ("'second'", 1)]
    assert [entry["parsedStack"][0]["method"] for entry in details] == ["raised"] * 3


def test_causes_of_members_and_nested_groups_are_included() -> None:
    member = ValueError("member")
    member.__cause__ = OSError("cause")
    inner = ExceptionGroup("inner", [KeyError("deep")])
    group = BaseExceptionGroup("outer", [member, inner, SystemExit("exit")])
    assert links(exception_details(group)) == [
        ("outer (3 sub-exceptions)", 0),
        ("member", 1),
        ("inner (1 sub-exception)", 1),
        ("exit", 1),
        ("cause", 2),
        ("'deep'", 3),
    ]


def test_exception_raised_from_itself_occurs_once() -> None:
    error = ValueError("once")
    error.__cause__ = error
    assert links(exception_details(error)) == [("once", 0)]


def test_mutual_causes_occur_once_each() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert links(exception_details(first)) == [("first", 0), ("second", 1)]


def test_suppressed_context_is_not_reported() -> None:
    error, context = ValueError("error"), ValueError("context")
    error.__context__ = context
    assert len(exception_details(error)) == 2
    error.__suppress_context__ = True
    assert len(exception_details(error)) == 1


def test_at_most_50_exceptions_are_reported() -> None:
    group = ExceptionGroup("many", [ValueError(str(number)) for number in range(1000)])
    assert len(exception_details(group)) == 50


def inner(error: BaseException) -> list[BaseException]:
    members = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    cause = error.__cause__ if error.__cause__ or error.__suppress_context__ else error.__context__
    return [*members, cause] if cause else members


@given(st.data())
def test_every_reachable_exception_occurs_once_after_the_one_that_refers_to_it(data: st.DataObject) -> None:
    errors: list[Exception] = [ValueError("0")]
    for number in range(1, data.draw(st.integers(1, 20))):
        members = data.draw(st.lists(st.sampled_from(errors), max_size=3))
        errors.append(ExceptionGroup(str(number), members) if members else ValueError(str(number)))
    for error in errors:
        error.__context__ = data.draw(st.none() | st.sampled_from(errors))
        if data.draw(st.booleans()):
            error.__cause__ = data.draw(st.none() | st.sampled_from(errors))
    reachable: dict[str, BaseException] = {}
    waiting: list[BaseException] = [errors[-1]]
    while waiting:
        error_ = waiting.pop()
        if str(error_) not in reachable:
            reachable[str(error_)] = error_
            waiting += inner(error_)
    details = exception_details(errors[-1])
    assert sorted(entry["message"] for entry in details) == sorted(reachable)
    assert [entry["id"] for entry in details] == list(range(1, len(details) + 1))
    assert details[0]["outerId"] == 0
    for entry in details[1:]:
        assert entry["outerId"] < entry["id"]
        outer = reachable[details[entry["outerId"] - 1]["message"]]
        assert reachable[entry["message"]] in inner(outer)
