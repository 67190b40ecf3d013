"""Swagger UI at `/docs`, with all its files served by the service itself.

FastAPI's own page loads its files from a CDN and starts them with an inline script. This one works offline and under a
Content-Security-Policy without `unsafe-inline`.
"""

from html import escape
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

_STATIC: Final = Path(__file__).parent / "static"
_FILES: Final = ("vendor/swagger-ui/swagger-ui.css", "vendor/swagger-ui/swagger-ui-bundle.js", "start.js")
DOCS_PATHS: Final = ("/openapi.json", "/docs", *(f"/docs/static/{file}" for file in _FILES))
"""The paths of the page, of the files that it loads, and of the OpenAPI document that it shows."""

_HEADERS: Final = {
    # data: is for the icons in Swagger UI's style sheet.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# The addresses are relative, so that the page also works behind a proxy that serves the application under a prefix.
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title} · API</title>
  <link rel="stylesheet" href="docs/static/vendor/swagger-ui/swagger-ui.css">
  <link rel="icon" href="data:,">
</head>
<body>
  <div id="swagger-ui"></div>
  <noscript>This page needs JavaScript. The document itself: <a href="openapi.json">openapi.json</a></noscript>
  <script src="docs/static/vendor/swagger-ui/swagger-ui-bundle.js"></script>
  <script src="docs/static/start.js"></script>
</body>
</html>
"""


def add_docs_page(app: FastAPI) -> None:
    """Add `/docs`, which shows the application's OpenAPI document in Swagger UI, and the files that it loads."""
    page = _PAGE.format(title=escape(app.title))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page, headers=_HEADERS)

    app.mount("/docs/static", StaticFiles(directory=_STATIC))
