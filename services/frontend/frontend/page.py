"""The page: a form, the echo of the value that was sent, and the latest values. It uses no JavaScript."""

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter, ValidationError
from starlette.responses import HTMLResponse

from frontend.backends import Backends, Deadline, Value
from frontend.links import PortalLinks, ShownValue
from service.problems import ServiceProblem, log_rejected_input
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
"""Control characters are valid in a value, but HTML cannot contain all of them: each is replaced by its picture."""

_VALUE = TypeAdapter(Value)


@dataclass(frozen=True, slots=True)
class Failure:
    """A valid value that could not be echoed and stored."""

    detail: str
    """A sentence for the user: which service failed, and what to do."""
    operation_id: str | None
    transaction_url: str | None


@dataclass(frozen=True, slots=True)
class PageContext:
    """Everything that the template shows."""

    map_url: str | None
    """The Application Map; None without a portal."""
    draft: str = ""
    """The content of the input: the value that was sent, if it was not stored."""
    input_error: str | None = None
    """The rule that the value breaks."""
    failure: Failure | None = None
    entered: ShownValue | None = None
    """The value that was just echoed and stored."""
    newest: list[ShownValue] = field(default_factory=list)
    newest_error: str | None = None
    """The reason why the latest values are not shown."""


def page_router(backends: Backends, links: PortalLinks) -> APIRouter:
    """Return the routes of the page."""
    environment = Environment(loader=PackageLoader("frontend"), autoescape=True, undefined=StrictUndefined)
    environment.filters["visible"] = _visible
    template = environment.get_template("page.html")
    router = APIRouter(include_in_schema=False)
    blank = PageContext(map_url=links.map_url)

    def render(page: PageContext, status: int = HTTPStatus.OK) -> HTMLResponse:
        return HTMLResponse(template.render(page=page), status, HEADERS)

    async def with_newest(page: PageContext, deadline: Deadline) -> PageContext:
        try:
            newest = await backends.newest(NEWEST_ON_PAGE, deadline)
        except ServiceProblem as problem:
            return replace(page, newest_error=problem.detail)
        return replace(page, newest=[links.show(stored) for stored in newest])

    @router.get("/")
    async def show() -> HTMLResponse:
        return render(await with_newest(blank, backends.deadline()))

    @router.post("/")
    async def enter(value: Annotated[str, Form()] = "") -> HTMLResponse:
        deadline = backends.deadline()
        try:
            _VALUE.validate_python(value)
        except ValidationError as error:
            log_rejected_input("frontend", [f"value: {fault['type']}" for fault in error.errors(include_input=False)])
            message = f"Enter 1 to 1,000 characters, got {len(value):,}."
            page = replace(blank, draft=value, input_error=message)
            return render(await with_newest(page, deadline), HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            entered = links.show(await backends.enter(value, deadline))
        except ServiceProblem as problem:
            operation_id = current_operation_id()
            failure = Failure(problem.detail, operation_id, links.transaction_url(operation_id))
            page = replace(blank, draft=value, failure=failure)
            if problem.service == "echo":
                page = await with_newest(page, deadline)
            else:
                page = replace(page, newest_error="The list is not available until storage works again.")
            return render(page, problem.status_code)
        return render(await with_newest(replace(blank, entered=entered), deadline), HTTPStatus.CREATED)

    return router


def _visible(text: str) -> str:
    return text.translate(CONTROL_PICTURES)
