"""Search queries as trees of terms."""

from collections.abc import Iterator
from dataclasses import dataclass

from local_insights.model.search.words import Term


@dataclass(frozen=True, slots=True)
class Not:
    """Items that the operand does not match."""

    operand: "Query"


@dataclass(frozen=True, slots=True)
class And:
    """Items that every operand matches, each in any text."""

    operands: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Items that at least one operand matches."""

    operands: tuple["Query", ...]


Query = Term | Not | And | Or


def positive_terms(query: Query | None) -> Iterator[Term]:
    """Yield the terms that are not under a NOT: their occurrence in a text makes an item match."""
    match query:
        case Term():
            yield query
        case And(operands) | Or(operands):
            for operand in operands:
                yield from positive_terms(operand)
