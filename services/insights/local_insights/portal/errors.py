"""Queries that get no answer: one mapping from errors to what pages and twins say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from local_insights.http.problems import problem
from local_insights.http.query_params import QueryError, describe_since, time_query
from local_insights.portal.page_layout import RANGES, PageLayout, Section, length
from local_insights.store.contract import QueryTimeoutError


class TransactionNotFoundError(LookupError):
    """The store holds no item of the operation."""

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"No telemetry of operation {operation_id} is stored.")


RequestError = QueryError | QueryTimeoutError | TransactionNotFoundError
REQUEST_ERRORS = (QueryError, QueryTimeoutError, TransactionNotFoundError)

_TIMED = ("/", "/map", "/overview", "/performance", "/failures", "/search", "/transaction")
"""Pages in which the time range plays a part."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """What is said instead of an answer. `detail` tells what came, `suggestion` what to do."""

    status: HTTPStatus
    title: str
    detail: str
    suggestion: str
    link: str = ""
    link_label: str = ""

    def problem(self) -> Response:
        """The refusal as a problem document."""
        return problem(self.status, f"{self.detail} {self.suggestion}".strip())


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page in the place of one that could not be made; where a time range plays a part, it can be changed there."""

    layout: PageLayout
    refused: ErrorReport


def refusal(error: RequestError, path: str, query: QueryParams, now: datetime) -> ErrorReport:
    """Say why the question got no answer and what would do; `path` is where it can be asked again."""
    if isinstance(error, QueryTimeoutError):
        shorter = _shorter(query, now)
        return ErrorReport(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The question is too large",
            "The store could not answer within its limit.",
            f"A shorter time range will do, such as since={shorter}.",
            f"{path}?{urlencode([*_without_time(query), ('since', shorter)])}",
            f"Look at {describe_since(shorter)}",
        )
    if isinstance(error, TransactionNotFoundError):
        return ErrorReport(
            HTTPStatus.NOT_FOUND,
            "No such transaction",
            str(error),
            "Telemetry can be a second behind, and an operation that was not sampled never arrives: "
            "reload in a moment, or look for it among the newest transactions.",
            "/transaction",
            "Newest transactions",
        )
    title = "The question cannot be read"
    return ErrorReport(HTTPStatus.BAD_REQUEST, title, error.problem, error.expected, path, "Start over")


def error_page(refused: ErrorReport, section: Section, path: str, now: datetime) -> ErrorPage:
    """The page that shows a refusal."""
    is_timed = path in _TIMED
    return ErrorPage(PageLayout(refused.title, section, path, time_query({}, now) if is_timed else None), refused)


def _shorter(query: Mapping[str, str], now: datetime) -> str:
    """The longest offered range that is at most half as long as the one that was too long."""
    asked = timedelta(microseconds=time_query(query, now).time_range.duration_us)
    return next((since for since in reversed(RANGES) if length(since) * 2 <= asked), RANGES[0])


def _without_time(query: QueryParams) -> list[tuple[str, str]]:
    return [(name, value) for name, value in query.multi_items() if name not in {"since", "from", "to"}]
