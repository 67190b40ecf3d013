"""The base class of the request handlers of Overview, Performance and Failures."""

from starlette.requests import Request

from local_insights.http.query_params import TimeQuery
from local_insights.portal.empty_state import EmptyState, Viewer, empty_state
from local_insights.portal.investigate.query import InvestigationQuery
from local_insights.portal.page_views import PageViews


class InvestigationViews(PageViews):
    """Helpers for the handlers of these pages."""

    def query(self, request: Request) -> InvestigationQuery:
        """Read the state of the page from the request.

        Raises:
            QueryError: a parameter is invalid.
        """
        return InvestigationQuery.read(self.entry.path, request.query_params, self.context.now())

    def empty(self, request: Request, time: TimeQuery) -> EmptyState:
        """Explain why the time range has no telemetry."""
        viewer = Viewer.from_request(request, request.url.path, self.context.now())
        first = "Values appear after the first request."
        return empty_state(time, self.context.store.stats(), viewer, first=first)
