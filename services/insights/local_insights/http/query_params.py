"""Query parameters of all endpoints: the limits, the error for an invalid value, and the time range."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.datastructures import QueryParams

from local_insights.model.time_range import TimeRange

MAX_QUERY_CHARACTERS = 8 * 1024
"""Limit of the decoded parameters together. Each link of a page repeats them, and a page can have 1,000 links."""
MAX_REPETITIONS = 50
"""How often a query may contain the same parameter."""
DEFAULT_SINCE = "1h"
LONGEST_SINCE = timedelta(days=3650)
EXPECTED = (
    "Expected since=<number><m|h|d>, such as since=30m or since=7d, "
    "or from=<ISO 8601> with an optional to=<ISO 8601>, such as from=2026-01-31T12:00:00Z."
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SINCE = re.compile(r"(\d{1,9})([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class QueryError(ValueError):
    """A query parameter has an invalid value.

    Attributes:
        problem: the parameter, its value and what is wrong with it, as a sentence.
        expected: the accepted values, as a sentence.
    """

    def __init__(self, problem: str, expected: str) -> None:
        super().__init__(f"{problem} {expected}")
        self.problem = problem
        self.expected = expected


def require_bounded(query: QueryParams) -> None:
    """Check the limits of a query string, before any of its parameters is used.

    Raises:
        QueryError: a parameter is repeated too often, or the parameters are too long.
    """
    items = query.multi_items()
    for name, repetitions in Counter(name for name, _ in items).most_common(1):
        if repetitions > MAX_REPETITIONS:
            message = f"The parameter {name[:MAX_REPETITIONS]} occurs {repetitions:,} times."
            raise QueryError(message, f"Expected {MAX_REPETITIONS} times at most.")
    characters = sum(len(name) + len(value) for name, value in items)
    if characters > MAX_QUERY_CHARACTERS:
        message = f"The query parameters have {characters:,} characters."
        raise QueryError(message, f"Expected {MAX_QUERY_CHARACTERS:,} at most.")


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """A time range and the query parameters that request it.

    `parameters` request the same range again. Links carry them, so that a page that shows "the last hour" still shows
    the last hour, not a fixed hour, after a reload.
    """

    time_range: TimeRange
    parameters: Mapping[str, str]

    @property
    def since(self) -> str | None:
        """`1h`, `30m`, … when the range ends now; None when the range has a fixed start."""
        return self.parameters.get("since")

    @property
    def label(self) -> str:
        """The range as text that follows "in": `the last hour`, `the time from … to …`."""
        if self.since is None:
            return f"the time from {_minute(self.time_range.start)} to {_minute(self.time_range.end)} UTC"
        return describe_since(self.since)


def describe_since(since: str) -> str:
    """Describe a relative range: `1h` → `the last hour`, `30m` → `the last 30 minutes`."""
    number, unit = int(since[:-1]), _UNITS[since[-1]]
    return f"the last {unit[:-1]}" if number == 1 else f"the last {number} {unit}"


def time_query(query: Mapping[str, str], now: datetime) -> TimeQuery:
    """Read `since`, or `from` and `to`. The default is the last hour.

    Times without an offset are UTC. A missing `to` is now.

    Raises:
        QueryError: a value is invalid, the two forms are mixed, or the range is empty or reversed.
    """
    since, start, end = (query.get(name, "").strip() for name in ("since", "from", "to"))
    if since and (start or end):
        message = f"since={since} cannot be combined with from or to."
        raise QueryError(message, EXPECTED)
    if end and not start:
        message = f"to={end} requires from."
        raise QueryError(message, EXPECTED)
    if not start:
        duration = _since(since or DEFAULT_SINCE)
        return TimeQuery(
            TimeRange(_microseconds(now - duration), _microseconds(now)), {"since": since or DEFAULT_SINCE}
        )
    times = {"from": _iso("from", start)} | ({"to": _iso("to", end)} if end else {})
    try:
        time_range = TimeRange(_microseconds(times["from"]), _microseconds(times.get("to", now)))
    except ValueError as error:
        message = f"from={start} must be before to={end or 'now'}."
        raise QueryError(message, EXPECTED) from error
    return TimeQuery(time_range, {name: time.isoformat() for name, time in times.items()})


def _since(text: str) -> timedelta:
    match = _SINCE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        message = f"since={text} is not a length of time."
        raise QueryError(message, EXPECTED)
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if duration > LONGEST_SINCE:
        message = f"since={text} is too long."
        raise QueryError(message, f"The maximum is since={LONGEST_SINCE.days}d.")
    return duration


def _iso(name: str, text: str) -> datetime:
    try:
        # In a query string an unescaped "+" of an offset arrives as a space.
        time = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{name}={text} is not an ISO 8601 time."
        raise QueryError(message, EXPECTED) from error


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"
