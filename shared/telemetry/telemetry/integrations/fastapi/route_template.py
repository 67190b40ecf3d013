"""The template of the route that handled a request, such as `/values/{id}`: the name of an operation."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from starlette.routing import BaseRoute, Host, Match, Mount, Route, WebSocketRoute

UNMATCHED = "(unmatched)"
"""The route of requests that match no route. With their paths, a scanner could fill the list of operations."""

_NOT_FOUND = 404


class Entry(NamedTuple):
    """The parts of a scope that routing changes, from before routing."""

    routes: Iterable[BaseRoute]
    root_path: str


def route_template(scope: Mapping[str, Any], entry: Entry, status: int = 0) -> str:
    """Return the template of the matched route with the prefixes of routers and mounts, or `(unmatched)`.

    A request that a mounted application handles without a route of its own, such as StaticFiles, has the path of the
    mount. If it gets 404, the rest of its path matches nothing, and the request counts as unmatched.
    """
    leaf = _stored_template(scope)
    is_mounted = scope.get("root_path", "") != entry.root_path
    if leaf is not None and not is_mounted:
        return leaf
    if leaf is None and "endpoint" not in scope:
        return _frontend_template(scope, status) or UNMATCHED
    probe = {**scope, "root_path": entry.root_path, "path_params": {}}
    probe.pop("fastapi", None)  # FastAPI stores its own state there while it matches
    found = _find(entry.routes, probe, scope, leaf)
    if found is not None:
        template, is_route = found
        return (template or "/") if is_route or status != _NOT_FOUND else UNMATCHED
    return UNMATCHED if leaf is None else f"{scope['root_path'][len(entry.root_path) :]}{leaf}"


def _stored_template(scope: Mapping[str, Any]) -> str | None:
    """Return the template of the route that FastAPI, or a recent Starlette, stores; without the prefixes of mounts.

    FastAPI does not change a route that is included with a prefix; it stores the template with the prefix separately.
    """
    effective = scope.get("fastapi", {}).get("effective_route_context")
    for route in (getattr(effective, "starlette_route", None), effective, scope.get("route")):
        template = getattr(route, "path_format", None)
        if template and not isinstance(route, Mount | Host):
            return str(template)
    return None


def _frontend_template(scope: Mapping[str, Any], status: int) -> str | None:
    """Return the path of `FastAPI.frontend`, which serves the files of a page."""
    file = scope.get("fastapi", {}).get("frontend_path")
    if file is None or status == _NOT_FOUND:
        return None
    return str(scope["path"]).removesuffix(file).rstrip("/") or "/"


def _find(
    routes: Iterable[BaseRoute], probe: Mapping[str, Any], scope: Mapping[str, Any], leaf: str | None
) -> tuple[str, bool] | None:
    """Return the template of the route whose endpoint is in `scope`, and False if it is that of a mount only.

    Args:
        routes: The routes of one application or mount.
        probe: The scope as it was before these routes.
        scope: The scope after routing.
        leaf: The template below the innermost mount, if it is known.
    """
    for route in _expanded(routes):
        if isinstance(route, Route | WebSocketRoute):
            if route.endpoint is scope["endpoint"] and route.matches(dict(probe))[0] != Match.NONE:
                return route.path_format, True
        elif isinstance(route, Mount | Host):
            match, child = route.matches(dict(probe))
            if match == Match.NONE:
                continue
            inner = {**probe, **child}
            found = _find(route.routes or (), inner, scope, leaf)
            if found is None and inner["root_path"] == scope.get("root_path", ""):
                if leaf is not None:
                    found = leaf, True
                elif inner["endpoint"] is scope["endpoint"]:
                    found = "", False
            if found is not None:
                return (route.path if isinstance(route, Mount) else "") + found[0], found[1]
    return None


def _expanded(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield the routes, and those of Starlette inside routers that recent versions of FastAPI include as a whole."""
    for route in routes:
        contexts = getattr(route, "effective_route_contexts", None)
        if contexts is None:
            yield route
        else:
            yield from (context.starlette_route for context in contexts())
