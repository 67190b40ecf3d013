"""Templates to HTML. A template sees one page context and nothing else."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from local_insights.portal import formats

FOLDER = Path(__file__).parent


def page_environment() -> Environment:
    """The templates' environment: everything printed is escaped, and sanitized by `formats.sanitize`."""
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
        "timestamp": formats.timestamp,
        "percent": formats.percent,
    }
    return environment


class Pages:
    """Renders page contexts to responses."""

    def __init__(self) -> None:
        self._environment = page_environment()

    def response(self, template: str, page: object, status: int = 200) -> HTMLResponse:
        """Render `page`, which the template knows under that name.

        A page is a picture of a moment, so it is asked for anew each time; a part of it is no answer to a question for
        the whole, hence `Vary`.
        """
        html = self._environment.get_template(template).render(page=page)
        return HTMLResponse(html, status, {"Cache-Control": "no-cache", "Vary": "HX-Target"})


def _sanitize(value: object) -> object:
    return formats.sanitize(value) if isinstance(value, str) and not isinstance(value, Markup) else value
