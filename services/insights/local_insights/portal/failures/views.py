"""The request handlers of the page Failures."""

from starlette.requests import Request
from starlette.responses import Response

from local_insights.portal.failures.as_json import failures_json
from local_insights.portal.failures.data import failures
from local_insights.portal.failures.page import failures_page
from local_insights.portal.investigate.views import InvestigationViews
from local_insights.portal.responses import TelemetryJSONResponse


class FailuresViews(InvestigationViews):
    """Handlers of `/failures`."""

    def page(self, request: Request) -> Response:
        """Return the page."""
        query = self.query(request)
        data, roles = failures(self.context.store, query), self.context.store.roles(query.time.time_range)
        empty = None if roles else self.empty(request, query.time)
        layout = self.entry.layout(query.time, query.preserved_params)
        return self.context.templates.response("failures.html", failures_page(data, roles, query, layout, empty))

    def json(self, request: Request) -> Response:
        """Return the rows of the tab and the details of the selected row as JSON."""
        query = self.query(request)
        return TelemetryJSONResponse(failures_json(failures(self.context.store, query), query))
