"""The page: a form, the echo of what was entered, and the latest values. It needs no JavaScript and has none."""

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter, ValidationError
from starlette.responses import HTMLResponse

from frontend.mesh import Deadline, Mesh, Value
from frontend.portal import Portal, ShownValue
from service.problems import ServiceProblem
from telemetry import current_operation_id

NEWEST_ON_PAGE = 10

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
"""Control characters are values like any other, but HTML cannot carry them all: each is shown by its picture."""

_VALUE = TypeAdapter(Value)


@dataclass(frozen=True, slots=True)
class Failure:
    """A value that was not echoed and stored, although nothing was wrong with it."""

    detail: str
    """Which service failed, and what to do."""
    operation_id: str | None
    transaction_url: str | None


@dataclass(frozen=True, slots=True)
class PageContext:
    """All that the template shows."""

    map_url: str | None
    """The Application Map; None when there is no portal to link to."""
    draft: str = ""
    """What the input holds: what was sent, when it was not stored."""
    input_error: str | None = None
    """What is wrong with the value that was sent."""
    failure: Failure | None = None
    entered: ShownValue | None = None
    """The value just echoed and stored."""
    newest: list[ShownValue] = field(default_factory=list)
    newest_error: str | None = None
    """Why the latest values cannot be shown."""


def page_router(mesh: Mesh, portal: Portal) -> APIRouter:
    """Build the routes of the page."""
    environment = Environment(loader=PackageLoader("frontend"), autoescape=True, undefined=StrictUndefined)
    environment.filters["visible"] = _visible
    template = environment.get_template("page.html")
    router = APIRouter(include_in_schema=False)
    blank = PageContext(map_url=portal.map_url)

    def render(page: PageContext, status: int = HTTPStatus.OK) -> HTMLResponse:
        return HTMLResponse(template.render(page=page), status, HEADERS)

    async def with_newest(page: PageContext, deadline: Deadline) -> PageContext:
        try:
            newest = await mesh.newest(NEWEST_ON_PAGE, deadline)
        except ServiceProblem as problem:
            return replace(page, newest_error=problem.detail)
        return replace(page, newest=[portal.show(stored) for stored in newest])

    @router.get("/")
    async def show() -> HTMLResponse:
        return render(await with_newest(blank, mesh.deadline()))

    @router.post("/")
    async def enter(value: Annotated[str, Form()] = "") -> HTMLResponse:
        deadline = mesh.deadline()
        try:
            _VALUE.validate_python(value)
        except ValidationError:
            error = f"Enter 1 to 1,000 characters; this was {len(value):,}."
            page = replace(blank, draft=value, input_error=error)
            return render(await with_newest(page, deadline), HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            entered = portal.show(await mesh.enter(value, deadline))
        except ServiceProblem as problem:
            operation_id = current_operation_id()
            failure = Failure(problem.detail, operation_id, portal.transaction_url(operation_id))
            page = replace(blank, draft=value, failure=failure)
            if problem.service == "echo":
                page = await with_newest(page, deadline)
            else:
                page = replace(page, newest_error="They cannot be listed until storage works again.")
            return render(page, problem.status_code)
        return render(await with_newest(replace(blank, entered=entered), deadline), HTTPStatus.CREATED)

    return router


def _visible(text: str) -> str:
    return text.translate(CONTROL_PICTURES)
