"""Request handlers of the Application Map: the page, and the same map in other formats."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Literal

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from local_insights.http.query_params import QueryError
from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import CallRows
from local_insights.model.node_id import node_ref
from local_insights.model.time_range import ALL_TIME, TimeRange
from local_insights.portal.empty_state import EmptyState, Viewer, empty_state
from local_insights.portal.map.as_json import map_json
from local_insights.portal.map.drawing.layout import LayoutCache
from local_insights.portal.map.drawing.svg import map_svg
from local_insights.portal.map.formats.dot import map_dot
from local_insights.portal.map.formats.mermaid import map_mermaid
from local_insights.portal.map.formats.text import map_text
from local_insights.portal.map.node_details import NodeDetails, query_node_details
from local_insights.portal.map.node_panel import node_panel
from local_insights.portal.map.page import MAX_ROWS, MapPage, edge_rows, node_rows
from local_insights.portal.map.query import MapQuery
from local_insights.portal.map.visible_map import MAX_DRAWN, VisibleMap, visible_map
from local_insights.portal.page_views import PageEntry, PageViews, PortalContext
from local_insights.portal.responses import TelemetryJSONResponse

CLOCK_TOLERANCE_US = 60_000_000
"""Items that are dated at most this much after now have no note: they appear soon."""
_THEMES: dict[str, Literal["light", "dark"]] = {"light": "light", "dark": "dark"}


class MapViews(PageViews):
    """Handlers of `/map`, which is also the start page."""

    def __init__(self, entry: PageEntry, context: PortalContext) -> None:
        super().__init__(entry, context)
        self._store = context.store
        self._now = context.now
        self._layouts = LayoutCache()

    def other_routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the start page, and of the map in other formats."""
        path = self.entry.path
        return [
            self.page_route("/", self.page),
            self.data_route(f"{path}.svg", self.svg),
            self.data_route(f"{path}.mmd", self.mermaid),
            self.data_route(f"{path}.dot", self.dot),
            self.data_route(f"{path}.txt", self.text),
        ]

    def page(self, request: Request) -> Response:
        """Return the page `/map`."""
        now = self._now()
        query = MapQuery.read(request.query_params, now)
        rows, whole, details = self._query_page(query)
        visible = visible_map(whole, query)
        app_map = visible.app_map
        is_table = query.view == "table" or visible.is_too_large
        page = MapPage(
            layout=self.entry.layout(query.time, query.preserved_params),
            query=query,
            drawing=None if is_table or not app_map.nodes else self._drawing(visible, query),
            edges=edge_rows(app_map, query) if is_table else (),
            nodes=node_rows(app_map.nodes, query) if is_table else (),
            names=tuple(sorted({node.name for node in whole.nodes})[:MAX_ROWS]),
            notes=_page_notes(whole, app_map, is_table=is_table),
            panel=node_panel(details, rows, whole, app_map, query) if query.node else None,
            empty=None if whole.nodes else self._empty_state(query, request, now),
            is_focus_unknown=visible.is_focus_unknown,
            is_too_large=visible.is_too_large,
            is_filtered_out=bool(whole.nodes) and not app_map.nodes,
        )
        return self.context.templates.response("map.html", page)

    def json(self, request: Request) -> Response:
        """Return the map as JSON."""
        return TelemetryJSONResponse(map_json(self._visible_map(request).app_map))

    def svg(self, request: Request) -> Response:
        """Return the map as a standalone SVG, light unless `theme=dark`."""
        requested = request.query_params.get("theme") or "light"
        theme = _THEMES.get(requested)
        if theme is None:
            message = f"theme={requested} is not a theme."
            raise QueryError(message, "Expected theme=light or theme=dark.")
        visible = self._visible_map(request)
        if visible.is_too_large:
            message = f"This map has {len(visible.app_map.nodes):,} components."
            raise QueryError(message, f"Expected {MAX_DRAWN:,} at most: use focus= or filter=.")
        drawing = map_svg(visible.app_map, theme=theme, layout=self._layouts.layout(visible.app_map))
        return Response(drawing, media_type="image/svg+xml")

    def mermaid(self, request: Request) -> Response:
        """Return the map as Mermaid text."""
        return Response(map_mermaid(self._visible_map(request).app_map), media_type="text/plain")

    def dot(self, request: Request) -> Response:
        """Return the map as DOT, the graph language of Graphviz."""
        return Response(map_dot(self._visible_map(request).app_map), media_type="text/vnd.graphviz")

    def text(self, request: Request) -> Response:
        """Return the map as text for a terminal."""
        return Response(map_text(self._visible_map(request).app_map), media_type="text/plain")

    def _empty_state(self, query: MapQuery, request: Request, now: datetime) -> EmptyState:
        first = "The map appears as soon as the first request arrives."
        return empty_state(query.time, self._store.stats(), Viewer.from_request(request, "/map", now), first=first)

    def _query_page(self, query: MapQuery) -> tuple[CallRows, ApplicationMap, NodeDetails | None]:
        """Query the store for the map and, concurrently, for the details of the selected node."""
        time_range = query.time.time_range
        ref = node_ref(query.node)
        with ThreadPoolExecutor(1, "query") as executor:
            pending = executor.submit(query_node_details, self._store, ref, time_range) if ref else None
            rows = self._store.call_rows(time_range)
        whole = self._with_future_note(application_map(rows, time_range, query.is_named()), query)
        details = pending.result() if pending else None
        if ref and any(node.id == query.node and node.kind == "browser" for node in whole.nodes):
            details = query_node_details(self._store, replace(ref, kind="browser"), time_range)
        return rows, whole, details

    def _visible_map(self, request: Request) -> VisibleMap:
        """Query the map of a request and apply its focus, filters and grouping."""
        query = MapQuery.read(request.query_params, self._now())
        time_range = query.time.time_range
        whole = application_map(self._store.call_rows(time_range), time_range, query.is_named())
        return visible_map(self._with_future_note(whole, query), query)

    def _with_future_note(self, app_map: ApplicationMap, query: MapQuery) -> ApplicationMap:
        """Add a note if items are dated after now and the range ends now, so that no page shows them."""
        if "to" in query.time.parameters:
            return app_map
        future = TimeRange(query.time.time_range.end_us + CLOCK_TOLERANCE_US, ALL_TIME.end_us)
        found = sum(counts.items for counts in self._store.item_counts(future).values())
        return replace(app_map, notes=(*app_map.notes, future_note(found))) if found else app_map

    def _drawing(self, visible: VisibleMap, query: MapQuery) -> Markup:
        drawing = map_svg(
            visible.app_map,
            theme="page",
            selected=visible.visible_id(query.node),
            layout=self._layouts.layout(visible.app_map),
            link=lambda node_id: replace(query, node=node_id).link(),
        )
        return Markup(drawing)  # noqa: S704 - the drawing escapes text and attributes


def future_note(items: int) -> str:
    """Return the note about requests, calls and exceptions that are dated after now."""
    subject = "1 item is" if items == 1 else f"{items:,} items are"
    return f"{subject} dated in the future: the clock of a client is ahead. A range with from= and to= shows them."


def _page_notes(whole: ApplicationMap, app_map: ApplicationMap, *, is_table: bool) -> tuple[str, ...]:
    """Return the notes of the whole map, preceded by a note if the tables are truncated.

    The first note of an empty map is omitted: the page explains in detail that it is empty.
    """
    if not whole.nodes:
        return whole.notes[1:]
    rows = max(len(app_map.nodes), len(app_map.edges))
    if not is_table or rows <= MAX_ROWS:
        return whole.notes
    return (
        f"Each table shows {MAX_ROWS:,} rows of up to {rows:,}, highest failed percentage first; the JSON has all.",
        *whole.notes,
    )
