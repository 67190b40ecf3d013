"""Searches as conditions of SQL.

The text of a condition depends on how the terms are joined and which facets are filtered by, never on what is searched
for: words and values travel as parameters.
"""

import json
import re
from dataclasses import dataclass, field

from local_insights.model.search.query import And, Not, Or, Query
from local_insights.model.search.search import Facet, Filters
from local_insights.model.search.words import WHITE_SPACE, Term, separator_class
from local_insights.store.sql.statements import read_sql

TERM = read_sql("search_term")

FACET_COLUMNS = {
    Facet.TYPE: "item_type",
    Facet.ROLE: "role",
    Facet.OPERATION: "operation_name",
    Facet.RESULT: "result_code",
    Facet.SUCCESS: "CASE WHEN success THEN 'true' WHEN NOT success THEN 'false' ELSE '' END",
    Facet.SEVERITY: "COALESCE(CAST(severity AS VARCHAR), '')",
}

_LIKE_SPECIAL = re.compile(r"[\\%_]")
_SEPARATOR = f"[{separator_class()}]"
_ESCAPED = r"\\(?:[^u]|u[0-9a-f]{4})"
"""One character of a JSON text that is written as an escape; all such characters are separators."""
_JSON_MEMBER = '": ?"'
"""Where the value of a member begins."""
_JSON_CHARACTER = rf'(?:[^"\\]|{_ESCAPED})'
_JSON_SEPARATOR = f"(?:[{separator_class(without=chr(34) + chr(92))}]|{_ESCAPED})"
_JSON_WHITE_SPACE = r"(?: |\\[trn])"


@dataclass(slots=True)
class Condition:
    """The text of a condition and the values of its parameters."""

    text: str
    parameters: dict[str, object] = field(default_factory=dict)


def query_condition(query: Query | None) -> Condition:
    """The condition that a row matches a query, as `model.search.query.matches` has it."""
    parameters: dict[str, object] = {}
    terms = 0

    def text(query: Query) -> str:
        nonlocal terms
        match query:
            case Not(operand):
                return f"NOT {text(operand)}"
            case And(operands):
                return "(" + " AND ".join(map(text, operands)) + ")"
            case Or(operands):
                return "(" + " OR ".join(map(text, operands)) + ")"
            case Term():
                terms += 1
                parameters.update((f"{name}_{terms}", value) for name, value in _term_parameters(query).items())
                return TERM.format(n=terms)

    return Condition("1 = 1" if query is None else text(query), parameters)


def filters_condition(filters: Filters) -> Condition:
    """The condition that a row has, of each facet, one of the values filtered for."""
    conditions = [
        f"{FACET_COLUMNS[facet]} IN ({', '.join(f'${name}' for name in _value_names(facet, filters))})"
        for facet in _filtered(filters)
    ]
    return Condition(" AND ".join(conditions) or "1 = 1", _values(filters))


def missed_facets(filters: Filters) -> Condition:
    """The number of the facets in which a row has none of the values filtered for, as `search_counts.sql` has it."""
    cases = [
        f"CASE WHEN {FACET_COLUMNS[facet]} IN ({', '.join(f'${name}' for name in _value_names(facet, filters))}) "
        f"THEN 0 ELSE {facet_number(facet)} END"
        for facet in _filtered(filters)
    ]
    return Condition("(" + (" + ".join(cases) or "0") + ")", _values(filters))


def facet_number(facet: Facet) -> int:
    """The power of two that stands for a facet."""
    return 64 >> list(FACET_COLUMNS).index(facet)


def _filtered(filters: Filters) -> list[Facet]:
    return [facet for facet in FACET_COLUMNS if filters.get(facet)]


def _value_names(facet: Facet, filters: Filters) -> list[str]:
    return [f"{facet.value}_{number}" for number in range(len(filters[facet]))]


def _values(filters: Filters) -> dict[str, object]:
    return {
        name: value
        for facet in _filtered(filters)
        for name, value in zip(_value_names(facet, filters), sorted(filters[facet]), strict=True)
    }


def _term_parameters(term: Term) -> dict[str, object]:
    in_json = [json.dumps(word, ensure_ascii=False)[1:-1] for word in term.words]
    left, right = (_SEPARATOR if bounded else "" for bounded in (term.is_left_bounded, term.is_right_bounded))
    json_left = f"(?:{_JSON_CHARACTER}*?{_JSON_SEPARATOR if term.is_left_bounded else ''})?"
    return {
        "id": " ".join(term.words),
        "like": _like(term.words),
        "whole": (f"(?:^|{left})" if left else "")
        + f"[{WHITE_SPACE}]+".join(map(re.escape, term.words))
        + (f"(?:$|{right})" if right else ""),
        "json_like": _like(in_json),
        "json_whole": _JSON_MEMBER + json_left + f"{_JSON_WHITE_SPACE}+".join(map(re.escape, in_json)) + right,
    }


def _like(words: tuple[str, ...] | list[str]) -> str:
    r"""What contains the words in this order; the wildcards that they contain themselves are escaped with `\`."""
    return "%" + "%".join(_LIKE_SPECIAL.sub(r"\\\g<0>", word) for word in words) + "%"
