"""The request handlers of one transaction: the page, its JSON endpoint and the file."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from local_insights.model.item import Item
from local_insights.model.transaction import Transaction, transaction
from local_insights.portal.errors import TransactionNotFoundError
from local_insights.portal.item_lookup import find_item
from local_insights.portal.links import item_number, transaction_link
from local_insights.portal.page_views import PageViews
from local_insights.portal.path_segments import decode_segment
from local_insights.portal.responses import TelemetryJSONResponse
from local_insights.portal.transaction.as_json import transaction_json
from local_insights.portal.transaction.file import file_name, transaction_file
from local_insights.portal.transaction.page import ITEM_LIMIT, transaction_page
from local_insights.portal.transaction.surrounding_items import surrounding_items


class TransactionViews(PageViews):
    """Handlers of `/transaction/{operation_id}`."""

    def other_routes(self) -> Sequence[BaseRoute]:
        """Return the route of the file."""
        return [self.data_route(f"{self.entry.path}.html", self.file)]

    def page(self, request: Request) -> Response:
        """Return the page, or only the details of the selected item when htmx requests that part."""
        found = self._transaction(request)
        layout = self.entry.layout(path=transaction_link(found.operation_id))
        page = transaction_page(found, request.query_params, layout, self._further_item(request, found))
        is_part = request.headers.get("HX-Target", "").endswith("#details")
        if page.query.surrounding and not is_part:
            page = replace(page, surrounding=surrounding_items(self.context.store, found))
        return self.context.templates.response("item_details.html" if is_part else "transaction.html", page)

    def file(self, request: Request) -> Response:
        """Return the transaction as a file for download: one HTML page that loads no other file."""
        found = self._transaction(request)
        content = transaction_file(found)
        headers = {
            "Content-Security-Policy": content.content_security_policy,
            "Content-Disposition": f'attachment; filename="{file_name(found.operation_id)}"',
        }
        response = self.context.templates.response("transaction_file.html", content)
        response.headers.update(headers)
        return response

    def json(self, request: Request) -> Response:
        """Return the transaction as JSON."""
        return TelemetryJSONResponse(transaction_json(self._transaction(request)))

    def _further_item(self, request: Request, shown: Transaction) -> Item | None:
        """Return the item of `find=` if it is beyond the items that are read."""
        key = request.query_params.get("find", "")
        if len(shown.items) < ITEM_LIMIT or item_number(shown.items, key):
            return None
        item = find_item(self.context.store, key)
        return item if item and item.operation_id == shown.operation_id else None

    def _transaction(self, request: Request) -> Transaction:
        operation_id = decode_segment(request.path_params["operation_id"])
        typed = operation_id.strip().lower()
        for possible_id in dict.fromkeys((operation_id, typed)):
            items = self.context.store.transaction(possible_id, ITEM_LIMIT) if possible_id else []
            if found := transaction(possible_id, items):
                return found
        raise TransactionNotFoundError(typed)
