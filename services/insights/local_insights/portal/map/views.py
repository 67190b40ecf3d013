"""The Application Map over HTTP: the page, and the same map in other formats."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Literal

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from local_insights.http.query_params import QueryError
from local_insights.model.application_map import ApplicationMap, application_map
from local_insights.model.call_rows import CallRows
from local_insights.model.node_id import node_ref
from local_insights.portal.empty_state import EmptyState, Viewer, empty_state
from local_insights.portal.map.as_json import map_json
from local_insights.portal.map.drawing.map_layout import LayoutMemory
from local_insights.portal.map.drawing.map_svg import map_svg
from local_insights.portal.map.formats.dot import map_dot
from local_insights.portal.map.formats.mermaid import map_mermaid
from local_insights.portal.map.formats.text import map_text
from local_insights.portal.map.node_answers import NodeAnswers, node_answers
from local_insights.portal.map.node_panel import node_panel
from local_insights.portal.map.page import MOST_ROWS, MapPage, edge_rows, map_page_layout, node_rows
from local_insights.portal.map.query import MapQuery
from local_insights.portal.map.visible_map import MAX_DRAWN, VisibleMap, visible_map
from local_insights.portal.render import Pages
from local_insights.portal.responses import TelemetryJSONResponse
from local_insights.store.contract import Store

_THEMES: dict[str, Literal["light", "dark"]] = {"light": "light", "dark": "dark"}


class MapViews:
    """Answers to the addresses of the map. Every method blocks: Starlette runs it in its thread pool."""

    def __init__(self, store: Store, pages: Pages, now: Callable[[], datetime]) -> None:
        self._store = store
        self._pages = pages
        self._now = now
        self._layouts = LayoutMemory()

    def page(self, request: Request) -> Response:
        """The page `/map`."""
        now = self._now()
        query = MapQuery.read(request.query_params, now)
        rows, whole, answers = self._ask(query)
        shown = visible_map(whole, query)
        part = shown.app_map
        is_table = query.view == "table" or shown.is_too_large
        page = MapPage(
            layout=map_page_layout(query),
            query=query,
            drawing=None if is_table or not part.nodes else self._drawing(shown, query),
            edges=edge_rows(part, query) if is_table else (),
            nodes=node_rows(part.nodes, query) if is_table else (),
            names=tuple(sorted({node.name for node in whole.nodes})[:MOST_ROWS]),
            notes=_page_notes(whole, part, is_table=is_table),
            panel=node_panel(answers, rows, whole, part, query) if query.node else None,
            empty=None if whole.nodes else self._empty_state(query, request, now),
            unknown_focus=shown.is_focus_unknown,
            too_large=shown.is_too_large,
            is_filtered_out=bool(whole.nodes) and not part.nodes,
        )
        return self._pages.response("map.html", page)

    def json(self, request: Request) -> Response:
        """The map for programs."""
        return TelemetryJSONResponse(map_json(self._asked_for(request).app_map))

    def svg(self, request: Request) -> Response:
        """The map as a picture that stands alone, light unless `theme=dark`."""
        asked = request.query_params.get("theme") or "light"
        theme = _THEMES.get(asked)
        if theme is None:
            message = f"theme={asked} is not a theme."
            raise QueryError(message, "Expected theme=light or theme=dark.")
        shown = self._asked_for(request)
        if shown.is_too_large:
            message = f"This map has {len(shown.app_map.nodes):,} components."
            raise QueryError(message, f"Expected {MAX_DRAWN:,} at most: narrow it with focus=, or with filter=.")
        picture = map_svg(shown.app_map, theme=theme, layout=self._layouts.layout(shown.app_map))
        return Response(picture, media_type="image/svg+xml")

    def mermaid(self, request: Request) -> Response:
        """The map as Mermaid text."""
        return Response(map_mermaid(self._asked_for(request).app_map), media_type="text/plain")

    def dot(self, request: Request) -> Response:
        """The map for Graphviz."""
        return Response(map_dot(self._asked_for(request).app_map), media_type="text/vnd.graphviz")

    def text(self, request: Request) -> Response:
        """The map for a terminal."""
        return Response(map_text(self._asked_for(request).app_map), media_type="text/plain")

    def _empty_state(self, query: MapQuery, request: Request, now: datetime) -> EmptyState:
        first = "The map draws itself as soon as a first request arrives."
        return empty_state(query.time, self._store.stats(), Viewer.from_request(request, "/map", now), first=first)

    def _ask(self, query: MapQuery) -> tuple[CallRows, ApplicationMap, NodeAnswers | None]:
        """What the page needs of the store; the selected node is asked about beside the map."""
        time_range = query.time.time_range
        subject = node_ref(query.node)
        with ThreadPoolExecutor(1, "question") as beside:
            asked = beside.submit(node_answers, self._store, subject, time_range) if subject else None
            rows = self._store.call_rows(time_range)
        whole = application_map(rows, time_range)
        answers = asked.result() if asked else None
        if subject and any(node.id == query.node and node.kind == "browser" for node in whole.nodes):
            answers = node_answers(self._store, replace(subject, kind="browser"), time_range)
        return rows, whole, answers

    def _asked_for(self, request: Request) -> VisibleMap:
        """The map of a question, narrowed as it asks."""
        query = MapQuery.read(request.query_params, self._now())
        time_range = query.time.time_range
        return visible_map(application_map(self._store.call_rows(time_range), time_range), query)

    def _drawing(self, shown: VisibleMap, query: MapQuery) -> Markup:
        drawing = map_svg(
            shown.app_map,
            theme="page",
            selected=shown.visible_id(query.node),
            layout=self._layouts.layout(shown.app_map),
            link=lambda node_id: replace(query, node=node_id).link(),
        )
        return Markup(drawing)  # noqa: S704 - the drawing escapes what it prints


def _page_notes(whole: ApplicationMap, part: ApplicationMap, *, is_table: bool) -> tuple[str, ...]:
    """What the model says of the map's limits, and what the tables leave out."""
    if not whole.nodes:
        return ()
    rows = max(len(part.nodes), len(part.edges))
    if not is_table or rows <= MOST_ROWS:
        return whole.notes
    return (
        f"Each table shows {MOST_ROWS:,} rows of up to {rows:,}, the worst first; the JSON has them all.",
        *whole.notes,
    )
