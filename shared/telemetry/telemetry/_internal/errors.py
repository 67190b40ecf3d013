"""Exceptions in the form of Application Insights: types, messages and frames of an exception and its causes."""

import re
import traceback
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

_MAX_EXCEPTIONS = 50
_MAX_FRAMES = 100

_MAX_WRAPPED = 5
_CODE_ATTRIBUTES = ("sqlstate", "pgcode", "sqlite_errorname")
_MYSQL_CLIENT = range(2000, 3000)
_CODE = re.compile(r"[0-9A-Z]{5}|SQLITE_[A-Z_]+|[A-Z]{3}-[0-9]+")

_REPORTED_IN = "_telemetry_reported_in"
"""The attribute of an exception that has been reported: the id of the operation, by the id of the reporter."""

ErrorText = Callable[[BaseException], str]
"""Returns the text that is recorded for an error."""

_client_error_rules: list[Callable[[BaseException], bool]] = []


def register_client_errors(rule: Callable[[BaseException], bool]) -> None:
    """Register the errors that a database driver raises itself, such as for a failed connection.

    Their texts contain no values of a statement and are recorded unchanged.

    Args:
        rule: Returns True for such an error. It must not raise.
    """
    _client_error_rules.append(rule)


def text_without_values(error: BaseException) -> str:
    """Return the text of an error, or only its class and codes when a database server wrote the text.

    Such a text may quote what a user entered: "Duplicate entry 'jo@example.com' for key 'email'" becomes
    `IntegrityError 1062 (23000)`. Database errors are recognized by the attributes `sqlstate` and `pgcode`, by the
    classes of PEP 249 and by SQLAlchemy's `StatementError`. Errors of frameworks have the codes of the driver's error
    that they wrap (`orig`, `__cause__`).

    The driver's text is unchanged where the client wrote it: for errors whose number is 0 or negative, for client
    errors (`register_client_errors`), and for errors without a code if they are not about values. If the driver never
    sets codes, only the text of `OperationalError` and `InterfaceError` is unchanged.
    """
    if not _is_database_error(error):
        return str(error)
    source = _driver_error(error)
    if not _is_database_error(source):  # raised while SQLAlchemy converted the parameters
        return str(source)
    number, codes = _error_number(source), _error_codes(source)
    names = {base.__name__ for base in type(source).__mro__}
    if number is None and not codes:
        sets_codes = any(hasattr(source, name) for name in _CODE_ATTRIBUTES)
        is_about_values = not names.isdisjoint({"DataError", "IntegrityError"})
        is_client = (sets_codes and not is_about_values) or not names.isdisjoint({"OperationalError", "InterfaceError"})
    else:
        is_client = (
            number is not None and (number <= 0 or (number in _MYSQL_CLIENT and "MySQLError" in names))
        ) or any(rule(source) for rule in _client_error_rules)
    if is_client and "StatementError" not in names:
        return str(source)
    parts = [type(error).__name__, *([] if number is None else [str(number)]), *(f"({code})" for code in codes)]
    return " ".join(parts)


def _is_database_error(error: BaseException) -> bool:
    names = [base.__name__ for base in type(error).__mro__]
    is_pep_249 = "DatabaseError" in names and "Error" in names[names.index("DatabaseError") :]
    is_other = not {"StatementError", "MySQLError"}.isdisjoint(names)  # SQLAlchemy; PyMySQL and mysqlclient, warnings
    return is_pep_249 or is_other or hasattr(error, "sqlstate") or hasattr(error, "pgcode")


def _driver_error(error: BaseException) -> BaseException:
    """Return the error of the driver that a framework's error wraps, or the error itself."""
    for _ in range(_MAX_WRAPPED):
        if _error_number(error) is not None or _error_codes(error):
            return error
        wrapped = getattr(error, "orig", None)
        if not isinstance(wrapped, BaseException):
            wrapped = error.__cause__
            if wrapped is None or not _is_database_error(wrapped):
                return error
        error = wrapped
    return error


def _error_number(error: BaseException) -> int | None:
    """Return the number of a MySQL error: the attribute `errno`, or the first argument (PyMySQL, mysqlclient)."""
    first = error.args[0] if error.args and _is_database_error(error) else None
    return next((n for n in (getattr(error, "errno", None), first) if isinstance(n, int)), None)


def _error_codes(error: BaseException) -> list[str]:
    """Return the SQLSTATE or the driver's own code (SQLite, Oracle); pyodbc has the SQLSTATE as first argument."""
    first = error.args[0] if error.args and _is_database_error(error) else None
    state = first if len(error.args) > 1 else None
    codes = [getattr(error, name, None) for name in _CODE_ATTRIBUTES] + [getattr(first, "full_code", None), state]
    return [code for code in codes if isinstance(code, str) and _CODE.fullmatch(code)][:1]


def recorded_text(error: BaseException, error_text: ErrorText) -> str:
    """Return the text that is recorded for an error; the name of its class when its `__str__` or a property raises."""
    try:
        return error_text(error)
    except Exception:  # noqa: BLE001, code of the application can raise anything
        return type(error).__name__


def report_once(error: BaseException, operation_id: str | None, reporter: object) -> bool:
    """Return True if `reporter` has not reported an exception in this operation yet, and mark it as reported.

    A framework's logger and the request report the same exception. The mark is on the exception, because built-in
    exceptions have no weak references; it contains the operation, because an application can raise one exception in
    several operations. Outside operations, any exception that an operation has reported counts as reported.
    """
    try:
        attributes = vars(error)
        reported_in: dict[int, str] = attributes.get(_REPORTED_IN, {})
        latest = reported_in.get(id(reporter))
        if operation_id is None:
            return latest is None
        attributes[_REPORTED_IN] = {**reported_in, id(reporter): operation_id}
    except Exception:  # noqa: BLE001, `__dict__` of an exception of the application can raise anything
        return True
    return latest != operation_id


def exception_details(error: BaseException, error_text: ErrorText = text_without_values) -> list[dict[str, Any]]:
    """Return the exception, its causes and the members of exception groups as `exceptions` of an ExceptionData.

    The first one is `error`. The `outerId` of each other one is the `id` of its group, or of the exception that it
    caused. Each exception occurs once: causes can be cyclic. At most 50 are returned, those nearest to `error`.

    The frames are read immediately: a stored traceback prevents the release of the local variables of all its frames.
    """
    details: list[dict[str, Any]] = []
    waiting = deque([(error, 0)])
    seen = {id(error)}
    while waiting and len(details) < _MAX_EXCEPTIONS:
        current, outer_id = waiting.popleft()
        tb = _attribute(current, "__traceback__", TracebackType)
        details.append(
            {
                "id": len(details) + 1,
                "outerId": outer_id,
                "typeName": type(current).__name__,
                "message": recorded_text(current, error_text) or type(current).__name__,
                "hasFullStack": tb is not None,
                "parsedStack": _frames(tb),
            }
        )
        for inner in _inner_exceptions(current):
            if id(inner) not in seen:
                seen.add(id(inner))
                waiting.append((inner, len(details)))
    return details


def _inner_exceptions(error: BaseException) -> list[BaseException]:
    """Return the members of a group, then the cause that Python prints: the explicit one, or the context."""
    cause = _attribute(error, "__cause__", BaseException)
    if cause is None and not _attribute(error, "__suppress_context__", bool):
        cause = _attribute(error, "__context__", BaseException)
    return _members(error) if cause is None else [*_members(error), cause]


def _members(error: BaseException) -> list[BaseException]:
    """Return the members of an exception group; none for another exception."""
    members = _attribute(error, "exceptions", tuple) if issubclass(type(error), BaseExceptionGroup) else None
    return [member for member in members or () if issubclass(type(member), BaseException)]


def single_member(error: BaseException) -> BaseException:
    """Return the exception that groups of one member contain, or the exception itself."""
    for _ in range(_MAX_EXCEPTIONS):
        members = _members(error)
        if len(members) != 1:
            break
        error = members[0]
    return error


def _attribute(error: BaseException, name: str, expected: type[T]) -> T | None:
    """Return an attribute; None if its type is another one, or if a property of the exception raises."""
    try:
        value = getattr(error, name)
    except Exception:  # noqa: BLE001, code of the application can raise anything
        return None
    return value if issubclass(type(value), expected) else None


def _frames(tb: TracebackType | None) -> list[dict[str, Any]]:
    """Return the innermost frames; level 0 is the frame that raised."""
    summary = traceback.StackSummary.extract(traceback.walk_tb(tb), lookup_lines=False)
    return [
        {"level": level, "method": frame.name, "fileName": frame.filename, "line": frame.lineno}
        for level, frame in enumerate(list(reversed(summary))[:_MAX_FRAMES])
    ]
