"""Responses of the portal that Starlette does not provide: JSON with telemetry texts, and revalidated static files."""

import os
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from local_insights.http.json_text import json_bytes


class TelemetryJSONResponse(JSONResponse):
    """JSON that can contain any text, and that is safe to print on a terminal."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - any JSON value, as in the base class
        """Serialise `content`."""
        return json_bytes(content)


class RevalidatedStaticFiles(StaticFiles):
    """Static files that browsers revalidate on every use, so that a page never mixes files of two versions.

    The response is usually 304, because every file has an entity tag.
    """

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the file, or 304 when the browser has the same version."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        return response
