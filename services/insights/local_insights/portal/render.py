"""Renders templates to HTML responses."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from local_insights.portal import formats

FOLDER = Path(__file__).parent


class Templates:
    """Renders page contexts to responses.

    Every printed text is escaped, and sanitized by `formats.sanitize`. A template sees one page context and the
    navigation, and no other data.

    Args:
        navigation: the pages of the navigation (`page_views.PageEntry`).
    """

    def __init__(self, navigation: Sequence[object]) -> None:
        self._navigation = navigation

    def response(self, template: str, page: object, status: int = 200) -> HTMLResponse:
        """Render `page`, which is the template's variable of that name.

        Browsers revalidate a page on every use, because it shows one instant. `Vary` separates a whole page from the
        part of it that htmx requests at the same address.
        """
        html = _environment().get_template(template).render(page=page, navigation=self._navigation)
        return HTMLResponse(html, status, {"Cache-Control": "no-cache", "Vary": "HX-Target"})


@cache
def _environment() -> Environment:
    """Return the environment of all templates; it caches compiled templates, also for several apps in one process."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_sanitize,
    )
    environment.filters |= {
        "clip": formats.clip,
        "count": formats.count,
        "duration": formats.duration,
        "iso_time": formats.iso_time,
        "percent": formats.percent,
        "timestamp": formats.timestamp,
    }
    return environment


def _sanitize(value: object) -> object:
    return formats.sanitize(value) if isinstance(value, str) and not isinstance(value, Markup) else value
