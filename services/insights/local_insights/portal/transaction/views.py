"""Transactions over HTTP: the list of the newest, one from end to end, and their JSON twins."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from local_insights.model.node_id import node_ref
from local_insights.model.summaries import OperationSummary
from local_insights.model.transaction import Transaction, transaction
from local_insights.portal.errors import TransactionNotFoundError
from local_insights.portal.formats import iso_time
from local_insights.portal.page_layout import PageLayout
from local_insights.portal.render import Pages
from local_insights.portal.responses import TelemetryJSONResponse
from local_insights.portal.transaction.as_json import transaction_json
from local_insights.portal.transaction.file import file_name, transaction_file
from local_insights.portal.transaction.newest import LIMIT, TransactionListPage, TransactionListQuery
from local_insights.portal.transaction.page import ITEM_LIMIT, transaction_page
from local_insights.portal.transaction.surrounding_items import neighbours
from local_insights.portal.transaction_row import transaction_row
from local_insights.store.contract import Store


class TransactionViews:
    """Answers to the addresses of transactions. Every method blocks: Starlette runs it in its thread pool."""

    def __init__(self, store: Store, pages: Pages, now: Callable[[], datetime]) -> None:
        self._store = store
        self._pages = pages
        self._now = now

    def newest(self, request: Request) -> Response:
        """The page `/transaction`: the newest operations."""
        query = TransactionListQuery.read(request.query_params, self._now())
        kept = ({"node": query.node} if query.node else {}) | ({"failed": "1"} if query.failed else {})
        page = TransactionListPage(
            layout=PageLayout("Transactions", "transactions", "/transaction", query.time, kept),
            rows=tuple(transaction_row(summary) for summary in self._summaries(query)),
            query=query,
        )
        return self._pages.response("transactions.html", page)

    def newest_json(self, request: Request) -> Response:
        """The newest operations for programs."""
        query = TransactionListQuery.read(request.query_params, self._now())
        operations = [
            {
                "operation_id": summary.operation_id,
                "name": summary.name,
                "role": summary.role,
                "start_time": iso_time(summary.start_us),
                "duration_ms": None if summary.duration_us is None else summary.duration_us / 1000,
                "success": summary.success,
            }
            for summary in self._summaries(query)
        ]
        time_range = query.time.time_range
        return TelemetryJSONResponse(
            {"from": time_range.start.isoformat(), "to": time_range.end.isoformat(), "operations": operations}
        )

    def page(self, request: Request) -> Response:
        """The page of one transaction; only the selected item's details when that is what the page asks for."""
        found = self._transaction(request)
        page = transaction_page(found, request.query_params)
        is_part = request.headers.get("HX-Target", "").endswith("#details")
        if page.query.around and not is_part:
            page = replace(page, neighbours=neighbours(self._store, found))
        return self._pages.response("item_details.html" if is_part else "transaction.html", page)

    def file(self, request: Request) -> Response:
        """The transaction as a file to keep or to send: one page that needs nothing but a browser."""
        found = self._transaction(request)
        content = transaction_file(found)
        headers = {
            "Content-Security-Policy": content.content_security_policy,
            "Content-Disposition": f'attachment; filename="{file_name(found.operation_id)}"',
        }
        response = self._pages.response("transaction_file.html", content)
        response.headers.update(headers)
        return response

    def json(self, request: Request) -> Response:
        """The transaction for programs."""
        return TelemetryJSONResponse(transaction_json(self._transaction(request)))

    def _summaries(self, query: TransactionListQuery) -> list[OperationSummary]:
        return self._store.recent_operations(
            query.time.time_range, LIMIT, node_ref(query.node), failed_only=query.failed
        )

    def _transaction(self, request: Request) -> Transaction:
        operation_id = request.path_params["operation_id"].strip().lower()
        found = transaction(operation_id, self._store.transaction(operation_id, ITEM_LIMIT)) if operation_id else None
        if found is None:
            raise TransactionNotFoundError(operation_id)
        return found
