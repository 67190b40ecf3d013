"""The portal's addresses: pages for people, and the same answers for programs."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from local_insights.portal.errors import REQUEST_ERRORS, error_page, refusal
from local_insights.portal.investigate.views import InvestigationViews
from local_insights.portal.map.views import MapViews
from local_insights.portal.page_layout import Section
from local_insights.portal.render import FOLDER, Pages
from local_insights.portal.responses import RevalidatedStaticFiles
from local_insights.portal.search.views import SearchViews
from local_insights.portal.transaction.views import TransactionViews
from local_insights.store.contract import Store

Answer = Callable[[Request], Response]


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def portal_routes(store: Store, now: Callable[[], datetime] = utc_now) -> list[BaseRoute]:
    """All routes of the portal, its static files included; `now` is where time ranges that name no end do end.

    A question that cannot be answered becomes a page with the reason on an address for people, and a problem document
    (RFC 9457) on an address for programs: 400 when it cannot be read, 404 for an unknown transaction, 503 when the
    store could not answer within its limit.
    """
    pages = Pages()
    maps = MapViews(store, pages, now)
    investigations = InvestigationViews(store, pages, now)
    searches = SearchViews(store, pages, now)
    transactions = TransactionViews(store, pages, now)

    def page(path: str, section: Section, answer: Answer) -> Route:
        def endpoint(request: Request) -> Response:
            try:
                return answer(request)
            except REQUEST_ERRORS as error:
                moment = now()
                refused = refusal(error, request.url.path, request.query_params, moment)
                shown = error_page(refused, section, request.url.path, moment)
                return pages.response("error.html", shown, refused.status)

        return Route(path, endpoint)

    def twin(path: str, answer: Answer) -> Route:
        def endpoint(request: Request) -> Response:
            try:
                return answer(request)
            except REQUEST_ERRORS as error:
                return refusal(error, request.url.path, request.query_params, now()).problem()

        return Route(path, endpoint)

    return [
        page("/", "map", maps.page),
        page("/map", "map", maps.page),
        twin("/map.json", maps.json),
        twin("/map.svg", maps.svg),
        twin("/map.mmd", maps.mermaid),
        twin("/map.dot", maps.dot),
        twin("/map.txt", maps.text),
        page("/overview", "overview", investigations.overview),
        twin("/overview.json", investigations.overview_json),
        page("/performance", "performance", investigations.performance),
        twin("/performance.json", investigations.performance_json),
        page("/failures", "failures", investigations.failures),
        twin("/failures.json", investigations.failures_json),
        page("/search", "search", searches.page),
        twin("/search/news", searches.news),
        twin("/search.json", searches.json),
        page("/transaction", "transactions", transactions.newest),
        twin("/transaction.json", transactions.newest_json),
        twin("/transaction/{operation_id:path}.json", transactions.json),
        twin("/transaction/{operation_id:path}.html", transactions.file),
        page("/transaction/{operation_id:path}", "transactions", transactions.page),
        Mount("/static", RevalidatedStaticFiles(directory=FOLDER / "static"), name="static"),
    ]
