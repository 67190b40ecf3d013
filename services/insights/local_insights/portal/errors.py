"""Requests that fail: one mapping from errors to error pages and problem documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.responses import Response

from local_insights.http.problems import problem
from local_insights.http.query_params import QueryError, describe_since, time_query
from local_insights.model.time_limit import TimeLimitError
from local_insights.portal.formats import clip
from local_insights.portal.page_layout import RANGES, PageLayout, length
from local_insights.store.contract import QueryFailedError, QueryTimeoutError


class TransactionNotFoundError(LookupError):
    """The store has no item of the operation."""

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"No telemetry of operation {operation_id} is stored.")


class ItemNotFoundError(LookupError):
    """The store has no item with the key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"No item with the key {clip(key, 100)} is stored.")


RequestError = (
    QueryError | QueryFailedError | QueryTimeoutError | TimeLimitError | TransactionNotFoundError | ItemNotFoundError
)
REQUEST_ERRORS = (
    QueryError,
    QueryFailedError,
    QueryTimeoutError,
    TimeLimitError,
    TransactionNotFoundError,
    ItemNotFoundError,
)


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """The description of an error: `detail` states the error, `suggestion` the remedy, and `link` opens a remedy."""

    status: HTTPStatus
    title: str
    detail: str
    suggestion: str
    link: str = ""
    link_label: str = ""

    def problem(self) -> Response:
        """Return the error as a problem document."""
        return problem(self.status, f"{self.detail} {self.suggestion}".strip())


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """The page that replaces one that failed. It offers the time range where the failed page does."""

    layout: PageLayout
    error: ErrorReport


def error_report(error: RequestError, path: str, query: QueryParams, now: datetime) -> ErrorReport:
    """Describe an error and its remedy; `path` is where the request can be repeated."""
    if isinstance(error, QueryTimeoutError | TimeLimitError):
        shorter = _shorter(query, now)
        return ErrorReport(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Query timed out",
            "The server did not finish the query within its time limit.",
            f"Use a shorter time range, such as since={shorter}.",
            f"{path}?{urlencode([*_without_time(query), ('since', shorter)])}",
            f"Show {describe_since(shorter)}",
        )
    if isinstance(error, QueryFailedError):
        return ErrorReport(HTTPStatus.SERVICE_UNAVAILABLE, "Query failed", str(error), "See the log of the server.")
    if isinstance(error, TransactionNotFoundError):
        return ErrorReport(
            HTTPStatus.NOT_FOUND,
            "Transaction not found",
            str(error),
            "Telemetry can be one second late, and an operation that was not sampled sends none. "
            "Reload the page, or search the newest transactions.",
            "/transaction",
            "Newest transactions",
        )
    if isinstance(error, ItemNotFoundError):
        return ErrorReport(
            HTTPStatus.NOT_FOUND,
            "Item not found",
            str(error),
            "It was probably deleted because of its age or the size limit of the store.",
            "/search",
            "Search",
        )
    return ErrorReport(HTTPStatus.BAD_REQUEST, "Invalid query parameter", error.problem, error.expected, path, "Reset")


def _shorter(query: Mapping[str, str], now: datetime) -> str:
    """Return the longest offered range that is at most half as long as the requested one."""
    requested = timedelta(microseconds=time_query(query, now).time_range.duration_us)
    return next((since for since in reversed(RANGES) if length(since) * 2 <= requested), RANGES[0])


def _without_time(query: QueryParams) -> list[tuple[str, str]]:
    return [(name, value) for name, value in query.multi_items() if name not in {"since", "from", "to"}]
