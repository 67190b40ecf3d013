"""The request handlers of the page Performance."""

from starlette.requests import Request
from starlette.responses import Response

from local_insights.portal.investigate.views import InvestigationViews
from local_insights.portal.performance.as_json import performance_json
from local_insights.portal.performance.data import performance
from local_insights.portal.performance.page import performance_page
from local_insights.portal.responses import TelemetryJSONResponse


class PerformanceViews(InvestigationViews):
    """Handlers of `/performance`."""

    def page(self, request: Request) -> Response:
        """Return the page."""
        query = self.query(request)
        data, roles = performance(self.context.store, query), self.context.store.roles(query.time.time_range)
        empty = None if roles else self.empty(request, query.time)
        layout = self.entry.layout(query.time, query.preserved_params)
        return self.context.templates.response("performance.html", performance_page(data, roles, query, layout, empty))

    def json(self, request: Request) -> Response:
        """Return the rows of the tab and the details of the selected row as JSON."""
        query = self.query(request)
        return TelemetryJSONResponse(performance_json(performance(self.context.store, query), query))
