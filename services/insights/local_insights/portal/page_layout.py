"""What surrounds every page: its title, its navigation entry, and the choice of the time range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlencode

from local_insights.http.query_params import DEFAULT_SINCE, TimeQuery, describe_since

Section = Literal["map", "transactions", "live", "search", "overview", "performance", "failures"]

RANGES = ("5m", "30m", "1h", "4h", "12h", "1d", "3d", "7d", "30d")
"""The time ranges that pages offer, shortest first."""

_STEPS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The frame of one page.

    `path` is the page's own address without parameters, `kept` the parameters that survive a change of the time range.
    `time` is None where the time range plays no part.
    """

    title: str
    section: Section
    path: str
    time: TimeQuery | None = None
    preserved_params: Mapping[str, str | Sequence[str]] | None = None

    @property
    def preserved_fields(self) -> tuple[tuple[str, str], ...]:
        """`kept` as the hidden fields of a form, one for each value."""
        return tuple(
            (name, value)
            for name, values in (self.preserved_params or {}).items()
            for value in ([values] if isinstance(values, str) else values)
        )

    @property
    def time_query_string(self) -> str:
        """What to append to another page's address to see the same time there; nothing for the default range."""
        if self.time is None or self.time.since == DEFAULT_SINCE:
            return ""
        return f"?{urlencode(self.time.parameters)}"

    @property
    def range_choices(self) -> tuple[Choice, ...]:
        """The offered time ranges, the one in force chosen; one that is not offered stands first."""
        if self.time is None:
            return ()
        since = self.time.since
        offered = tuple(Choice(value, _capital(describe_since(value)), value == since) for value in RANGES)
        if any(choice.chosen for choice in offered):
            return offered
        return (Choice(since or "", _capital(self.time.label.removeprefix("the time ")), chosen=True), *offered)


def since_reaching(age: timedelta) -> str:
    """The shortest offered range that reaches back further than `age`; failing that, one in days that does."""
    for since in RANGES:
        if length(since) > age:
            return since
    return f"{age.days + 1}d"


def length(since: str) -> timedelta:
    """How long `1h`, `30m`, … is."""
    return int(since[:-1]) * _STEPS[since[-1]]


def _capital(words: str) -> str:
    words = words.removeprefix("the ")
    return words[:1].upper() + words[1:]
