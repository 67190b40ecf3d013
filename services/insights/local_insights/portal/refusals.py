"""Questions that get no answer: one mapping from errors to what pages and twins say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from local_insights.portal.frame import RANGES, Alert, Frame, Section, length
from local_insights.portal.json_response import TelemetryJSONResponse
from local_insights.portal.query_error import QueryError
from local_insights.portal.time_query import since_words, time_query
from local_insights.store.contract import QuestionTooLargeError


class TransactionNotFoundError(LookupError):
    """The store holds no item of the operation."""

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"No telemetry of operation {operation_id} is stored.")


Refused = QueryError | QuestionTooLargeError | TransactionNotFoundError
REFUSED = (QueryError, QuestionTooLargeError, TransactionNotFoundError)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said instead of an answer. `detail` tells what came, `suggestion` what to do."""

    status: int
    title: str
    detail: str
    suggestion: str
    link: str = ""
    link_words: str = ""

    def problem(self) -> TelemetryJSONResponse:
        """The refusal as a problem document (RFC 9457)."""
        document = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": f"{self.detail} {self.suggestion}".strip(),
        }
        return TelemetryJSONResponse(document, self.status, media_type="application/problem+json")


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """A page in the place of one that could not be made; its time range is the default one, ready to be changed."""

    frame: Frame
    title: str
    alert: Alert


def refusal(error: Refused, path: str, query: Mapping[str, str], now: datetime) -> Refusal:
    """Say why the question got no answer and what would do; `path` is where it can be asked again."""
    if isinstance(error, QuestionTooLargeError):
        shorter = _shorter(query, now)
        return Refusal(
            503,
            "The question is too large",
            str(error) or "The store could not answer within its limit.",
            f"A shorter time range will do, such as since={shorter}.",
            f"{path}?{urlencode({**_without_time(query), 'since': shorter})}",
            f"Look at {since_words(shorter)}",
        )
    if isinstance(error, TransactionNotFoundError):
        return Refusal(
            404,
            "No such transaction",
            str(error),
            "Telemetry can be a second behind, and an operation that was not sampled never arrives: "
            "reload in a moment, or look for it among the newest transactions.",
            "/transaction",
            "Newest transactions",
        )
    return Refusal(400, "The question cannot be read", error.came, error.expected, path, "Start over")


def refusal_page(refused: Refusal, section: Section, path: str, now: datetime) -> RefusalPage:
    """The page that shows a refusal."""
    frame = Frame(refused.title, section, path, time_query({}, now) if refused.status != 404 else None)  # noqa: PLR2004 - not found
    return RefusalPage(
        frame, refused.title, Alert(refused.detail, refused.suggestion, refused.link, refused.link_words)
    )


def _shorter(query: Mapping[str, str], now: datetime) -> str:
    """The longest offered range that is at most half as long as the one that was too long."""
    asked = timedelta(microseconds=time_query(query, now).time_range.duration_us)
    return next((since for since in reversed(RANGES) if length(since) * 2 <= asked), RANGES[0])


def _without_time(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in {"since", "from", "to"}}
