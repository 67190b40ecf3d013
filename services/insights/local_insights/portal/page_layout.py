"""The parts around every page: title, navigation entry, and the selection of the time range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from local_insights.http.query_params import DEFAULT_SINCE, TimeQuery, describe_since

RANGES = ("5m", "30m", "1h", "4h", "12h", "1d", "3d", "7d", "30d")
"""The time ranges that pages offer, shortest first."""

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list of which one is chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The parts around one page.

    Attributes:
        title: the heading of the page.
        section: the current entry of the navigation.
        path: the address of the page without parameters.
        time: the time range of the page; None where it does not apply.
        preserved_params: the parameters that stay when another time range is chosen.
    """

    title: str
    section: str
    path: str
    time: TimeQuery | None = None
    preserved_params: Mapping[str, str | Sequence[str]] | None = None

    @property
    def preserved_fields(self) -> tuple[tuple[str, str], ...]:
        """`preserved_params` as hidden fields of a form, one for each value."""
        return tuple(
            (name, value)
            for name, values in (self.preserved_params or {}).items()
            for value in ([values] if isinstance(values, str) else values)
        )

    @property
    def time_query_string(self) -> str:
        """The query string that opens another page at the same time range; empty for the default range."""
        if self.time is None or self.time.since == DEFAULT_SINCE:
            return ""
        return f"?{urlencode(self.time.parameters)}"

    @property
    def range_choices(self) -> tuple[Choice, ...]:
        """The offered time ranges, with the current one chosen; a range that is not offered is added as the first."""
        if self.time is None:
            return ()
        since = self.time.since
        offered = tuple(Choice(value, _heading(describe_since(value)), value == since) for value in RANGES)
        if any(choice.chosen for choice in offered):
            return offered
        return (Choice(since or "", _heading(self.time.label.removeprefix("the time ")), chosen=True), *offered)


def since_reaching(age: timedelta) -> str:
    """Return the shortest offered range that is longer than `age`, else a range in days that is."""
    for since in RANGES:
        if length(since) > age:
            return since
    return f"{age.days + 1}d"


def length(since: str) -> timedelta:
    """Return the length of a relative range such as `1h`."""
    return int(since[:-1]) * _UNITS[since[-1]]


def _heading(label: str) -> str:
    label = label.removeprefix("the ")
    return label[:1].upper() + label[1:]
