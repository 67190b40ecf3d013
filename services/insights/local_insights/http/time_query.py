"""The time range of a question, as every page and twin takes it from its query string."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local_insights.http.query_error import QueryError
from local_insights.model.time_range import TimeRange

DEFAULT_SINCE = "1h"
LONGEST_SINCE = timedelta(days=3650)
EXPECTED = (
    "Expected since=<number><m|h|d>, such as since=30m or since=7d, "
    "or from=<ISO 8601> with an optional to=<ISO 8601>, such as from=2026-01-31T12:00:00Z."
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SINCE = re.compile(r"(\d{1,9})([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class TimeQuery:
    """A time range together with the words the user asked for it with.

    `parameters` are the query parameters that ask for the same range again: links carry them on, so that a page that is
    reloaded stays on "the last hour" and does not freeze the hour it was first asked in.
    """

    time_range: TimeRange
    parameters: Mapping[str, str]

    @property
    def since(self) -> str | None:
        """`1h`, `30m`, … when the range ends now; None when it was given by its two ends."""
        return self.parameters.get("since")

    @property
    def words(self) -> str:
        """The range in words that follow "in": `the last hour`, `the time from … to …`."""
        if self.since is None:
            return f"the time from {_moment(self.time_range.start)} to {_moment(self.time_range.end)} UTC"
        return since_words(self.since)


def since_words(since: str) -> str:
    """`1h` → `the last hour`, `30m` → `the last 30 minutes`."""
    number, unit = int(since[:-1]), _UNITS[since[-1]]
    return f"the last {unit[:-1]}" if number == 1 else f"the last {number} {unit}"


def time_query(query: Mapping[str, str], now: datetime) -> TimeQuery:
    """Read `since`, or `from` and `to`; the last hour when none of them is given.

    Times without an offset are UTC. A missing `to` is now.

    Raises:
        QueryError: a value cannot be read, the two forms are mixed, or the range is empty or runs backwards.
    """
    since, start, end = (query.get(name, "").strip() for name in ("since", "from", "to"))
    if since and (start or end):
        message = f"since={since} came together with from or to."
        raise QueryError(message, EXPECTED)
    if end and not start:
        message = f"to={end} came without from."
        raise QueryError(message, EXPECTED)
    if not start:
        duration = _since(since or DEFAULT_SINCE)
        return TimeQuery(
            TimeRange(_microseconds(now - duration), _microseconds(now)), {"since": since or DEFAULT_SINCE}
        )
    moments = {"from": _iso("from", start)} | ({"to": _iso("to", end)} if end else {})
    try:
        time_range = TimeRange(_microseconds(moments["from"]), _microseconds(moments.get("to", now)))
    except ValueError as error:
        message = f"from={start} is not before to={end or 'now'}."
        raise QueryError(message, EXPECTED) from error
    return TimeQuery(time_range, {name: moment.isoformat() for name, moment in moments.items()})


def _since(text: str) -> timedelta:
    match = _SINCE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        message = f"since={text} is not a length of time."
        raise QueryError(message, EXPECTED)
    duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if duration > LONGEST_SINCE:
        message = f"since={text} reaches too far back."
        raise QueryError(message, f"The longest is since={LONGEST_SINCE.days}d.")
    return duration


def _iso(name: str, text: str) -> datetime:
    try:
        # In a query string an unescaped "+" of an offset arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{name}={text} is not a moment."
        raise QueryError(message, EXPECTED) from error


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
