"""The request handlers of the page Item details."""

from starlette.requests import Request
from starlette.responses import Response

from local_insights.model.item import Item
from local_insights.model.item_key import item_key
from local_insights.portal.errors import ItemNotFoundError
from local_insights.portal.item.as_json import item_json
from local_insights.portal.item.page import item_page
from local_insights.portal.item_lookup import find_item
from local_insights.portal.links import details_link
from local_insights.portal.page_views import PageViews
from local_insights.portal.responses import TelemetryJSONResponse


class ItemViews(PageViews):
    """Handlers of `/item/{key}`."""

    def page(self, request: Request) -> Response:
        """Return the page."""
        item = self._item(request)
        layout = self.entry.layout(path=details_link(item_key(item)))
        return self.context.templates.response("item.html", item_page(item, layout))

    def json(self, request: Request) -> Response:
        """Return the item as JSON."""
        return TelemetryJSONResponse(item_json(self._item(request)))

    def _item(self, request: Request) -> Item:
        key = request.path_params["key"]
        found = find_item(self.context.store, key)
        if found is None:
            raise ItemNotFoundError(key)
        return found
