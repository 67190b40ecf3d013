"""Notes of the map: missing and inferred data, and sampling."""

from collections import Counter
from collections.abc import Iterable, Sequence

from local_insights.model.call_rows import RECENT_US, LinkRow, MissingParentRow, RoleRow

_MAX_SAMPLED_ROLES = 5
"""Maximum number of roles with a note about sampling of their own."""
_MAX_NOTES = 20
"""Maximum number of notes about callers and callees of one kind. A map can have thousands of roles."""
_MAX_NAMES = 5
"""Maximum number of names of provisional nodes in the note about them."""
_SWITCHES = "OTEL_TRACES_SAMPLER=always_on (OpenTelemetry) or a sampling percentage of 100 sends all."


class MapNotes:
    """Collects what has a note, and returns the notes as texts."""

    def __init__(self) -> None:
        self._unknown_callers: Counter[str] = Counter()
        self._named_callers: Counter[tuple[str, str]] = Counter()
        self._inferred: Counter[tuple[str, str, str]] = Counter()
        self._sampled: list[RoleRow] = []

    def add_unknown_caller(self, row: MissingParentRow, *, is_sampled: bool) -> None:
        """Add requests whose caller sent no telemetry, as far as sampling is not the cause."""
        if not is_sampled:
            self._unknown_callers[row.role] += row.statistics.calls

    def add_named_caller(self, row: MissingParentRow, caller: str) -> None:
        """Add requests that were attributed to the caller that they name."""
        self._named_callers[row.role, caller] += row.statistics.calls

    def add_inferred(self, link: LinkRow, role: str) -> None:
        """Add calls that were attributed to a role by their address."""
        self._inferred[link.source_role, link.target, role] += link.statistics.calls

    def add_sampling(self, rows: Iterable[RoleRow]) -> None:
        """Add the roles whose requests are sampled."""
        self._sampled += (row for row in rows if row.statistics.is_sampled)

    def texts(self, provisional: Sequence[str]) -> tuple[str, ...]:
        """Return the notes, sorted by kind and role; `provisional` are the names of provisional nodes."""
        return (
            *_first(
                f"{_calls(count)} of {role} {'names' if count == 1 else 'name'} a caller that sent no telemetry."
                for role, count in sorted(self._unknown_callers.items())
            ),
            *_first(
                f"{_calls(count)} of {role} {'has' if count == 1 else 'have'} no telemetry from the caller; attributed "
                f"to {caller}, named in request.source."
                for (role, caller), count in sorted(self._named_callers.items())
            ),
            *_first(
                f"{_calls(count)} from {source} to {target} {'has' if count == 1 else 'have'} no matching request; "
                f"attributed to {role}, which serves {target}."
                for (source, target, role), count in sorted(self._inferred.items())
            ),
            *self._sampling(),
            *_provisional(sorted(provisional)),
        )

    def _sampling(self) -> list[str]:
        notes = [
            f"{row.statistics.items:,} of about {_calls(row.statistics.calls)} of {row.role} "
            f"{'was' if row.statistics.items == 1 else 'were'} received: the SDK samples. {_SWITCHES}"
            for row in sorted(self._sampled, key=lambda row: (-row.statistics.calls, row.role))
        ]
        if (others := len(notes) - _MAX_SAMPLED_ROLES) > 0:
            more = f"{others:,} more {'role is' if others == 1 else 'roles are'} sampled."
            return [*notes[:_MAX_SAMPLED_ROLES], more]
        return notes


def _provisional(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    others = f" and {len(names) - _MAX_NAMES:,} more" if len(names) > _MAX_NAMES else ""
    verb = "is" if len(names) == 1 else "are"
    shown = f"{', '.join(names[:_MAX_NAMES])}{others} {verb} provisional"
    began = f"the calls began less than {RECENT_US // 1_000_000} s ago"
    return [f"{shown}: {began}, and telemetry of the other end may still arrive."]


def _first(notes: Iterable[str]) -> list[str]:
    texts = list(notes)
    if (others := len(texts) - _MAX_NOTES) > 0:
        return [*texts[:_MAX_NOTES], f"{others:,} more {'note' if others == 1 else 'notes'} of this kind."]
    return texts


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count:,} calls"
