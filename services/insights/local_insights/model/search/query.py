"""What is searched for, as a tree of terms; and whether an item is it."""

from collections.abc import Iterator
from dataclasses import dataclass

from local_insights.model.item import Item
from local_insights.model.search.texts import searched_texts
from local_insights.model.search.words import Term


@dataclass(frozen=True, slots=True)
class Not:
    """Items that the operand does not match."""

    operand: "Query"


@dataclass(frozen=True, slots=True)
class And:
    """Items that every operand matches, each in whichever text."""

    operands: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Items that at least one operand matches."""

    operands: tuple["Query", ...]


Query = Term | Not | And | Or


def matches(query: Query, item: Item) -> bool:
    """Whether the query matches an item.

    A term matches when it stands in one of the item's texts, or is its operation id.
    """
    match query:
        case Not(operand):
            return not matches(operand, item)
        case And(operands):
            return all(matches(operand, item) for operand in operands)
        case Or(operands):
            return any(matches(operand, item) for operand in operands)
        case Term(words):
            return words == (item.operation_id,) or any(query.spans(text.text) for text in searched_texts(item))


def positive_terms(query: Query | None) -> Iterator[Term]:
    """The terms that make an item match by being there: all but those under a NOT."""
    match query:
        case Term():
            yield query
        case And(operands) | Or(operands):
            for operand in operands:
                yield from positive_terms(operand)
