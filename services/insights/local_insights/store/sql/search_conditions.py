"""SQL conditions of searches.

The text of a condition depends on the operators of the query and the filtered facets, never on words and values: these
are passed as parameters.
"""

import json
import re
from dataclasses import dataclass, field

from local_insights.model.search.query import And, Not, Or, Query
from local_insights.model.search.search import Facet, Filters
from local_insights.model.search.words import WHITE_SPACE, Term, boundary_class
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

_BOUNDARY = f"[{boundary_class()}]"
_ESCAPED = r"\\(?:[^u]|u[0-9a-f]{4})"
"""One escaped character of a JSON text. All characters that are escaped are separators."""
_JSON_MEMBER = '": ?"'
"""The start of the value of a member."""
_JSON_CHARACTER = rf'(?:[^"\\]|{_ESCAPED})'
_JSON_BOUNDARY = f"(?:[{boundary_class(without=chr(34) + chr(92))}]|{_ESCAPED})"
_JSON_WHITE_SPACE = r"(?: |\\[trn])"


@dataclass(slots=True)
class Condition:
    """The SQL text of a condition and its parameters."""

    text: str
    parameters: dict[str, object] = field(default_factory=dict)


def query_condition(query: Query | None) -> Condition:
    """Return the condition that a row matches a query, as defined by `model.search.query`."""
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
    """Return the condition that a row has one of the filtered values for each facet."""
    conditions = [
        f"{FACET_COLUMNS[facet]} IN ({', '.join(f'${name}' for name in _value_names(facet, filters))})"
        for facet in _filtered(filters)
    ]
    return Condition(" AND ".join(conditions) or "1 = 1", _values(filters))


def missed_facets(filters: Filters) -> Condition:
    """Return the expression for the facets whose filter a row fails, as a bit mask of their `facet_number`.

    `search_counts.sql` uses it to count the values of a facet without the filter of that facet.
    """
    cases = [
        f"CASE WHEN {FACET_COLUMNS[facet]} IN ({', '.join(f'${name}' for name in _value_names(facet, filters))}) "
        f"THEN 0 ELSE {facet_number(facet)} END"
        for facet in _filtered(filters)
    ]
    return Condition("(" + (" + ".join(cases) or "0") + ")", _values(filters))


def facet_number(facet: Facet) -> int:
    """Return the power of two that identifies a facet."""
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
    left, right = (_BOUNDARY if bounded else "" for bounded in (term.is_left_bounded, term.is_right_bounded))
    json_left = f"(?:{_JSON_CHARACTER}*?{_JSON_BOUNDARY if term.is_left_bounded else ''})?"
    return {
        "id": " ".join(term.words),
        "part": max(term.words, key=len),
        "whole": (f"(?:^|{left})" if left else "")
        + f"[{WHITE_SPACE}]+".join(map(re.escape, term.words))
        + (f"(?:$|{right})" if right else ""),
        "json_part": max(in_json, key=len),
        "json_whole": _JSON_MEMBER + json_left + f"{_JSON_WHITE_SPACE}+".join(map(re.escape, in_json)) + right,
    }
