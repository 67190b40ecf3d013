"""The request handlers of the page Transactions."""

from starlette.requests import Request
from starlette.responses import Response

from local_insights.model.node_id import node_ref
from local_insights.model.summaries import OperationSummary
from local_insights.portal.page_views import PageViews
from local_insights.portal.responses import TelemetryJSONResponse
from local_insights.portal.transaction_row import transaction_row
from local_insights.portal.transactions.as_json import transactions_json
from local_insights.portal.transactions.page import MOST_ROWS, TransactionsPage
from local_insights.portal.transactions.query import TransactionsQuery


class TransactionsViews(PageViews):
    """Handlers of `/transaction`."""

    def page(self, request: Request) -> Response:
        """Return the page."""
        query = self._query(request)
        page = TransactionsPage(
            layout=self.entry.layout(query.time, query.preserved_params),
            query=query,
            rows=tuple(transaction_row(operation) for operation in self._operations(query)),
        )
        return self.context.templates.response("transactions.html", page)

    def json(self, request: Request) -> Response:
        """Return the operations as JSON."""
        query = self._query(request)
        return TelemetryJSONResponse(transactions_json(self._operations(query), query.time))

    def _query(self, request: Request) -> TransactionsQuery:
        return TransactionsQuery.read(request.query_params, self.context.now())

    def _operations(self, query: TransactionsQuery) -> list[OperationSummary]:
        return self.context.store.recent_operations(
            query.time.time_range, MOST_ROWS, node_ref(query.node), failed_only=query.failed
        )
