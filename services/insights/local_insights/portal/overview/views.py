"""The request handlers of the page Overview."""

from starlette.requests import Request
from starlette.responses import Response

from local_insights.http.query_params import TimeQuery, time_query
from local_insights.portal.investigate.views import InvestigationViews
from local_insights.portal.overview.as_json import overview_json
from local_insights.portal.overview.data import overview
from local_insights.portal.overview.page import overview_page
from local_insights.portal.responses import TelemetryJSONResponse


class OverviewViews(InvestigationViews):
    """Handlers of `/overview`."""

    def page(self, request: Request) -> Response:
        """Return the page."""
        time = self._time(request)
        data = overview(self.context.store, time)
        empty = None if data.requests or data.tests else self.empty(request, time)
        page = overview_page(data, self.entry.layout(time), time, empty)
        return self.context.templates.response("overview.html", page)

    def json(self, request: Request) -> Response:
        """Return the requests, the availability and the values of each role as JSON."""
        time = self._time(request)
        return TelemetryJSONResponse(overview_json(overview(self.context.store, time), time))

    def _time(self, request: Request) -> TimeQuery:
        return time_query(request.query_params, self.context.now())
