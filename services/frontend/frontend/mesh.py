"""The services behind the frontend, and what happens to a value that is entered: it is echoed, then stored."""

import asyncio
import logging
from http import HTTPStatus
from typing import Annotated, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from frontend.settings import FrontendSettings
from service.problems import ServiceProblem

logger = logging.getLogger(__name__)

KEEPALIVE_S = 2.0
"""How long an idle connection is kept: less than uvicorn's 5 s, so that no call is sent on one that is being closed."""

GRACE_S = 0.1
"""What httpx gets to report a timeout by itself, which telemetry can name, before the call is cancelled."""

Value = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
"""What may be entered. Characters are Unicode code points, and any will do."""


class EnteredValue(BaseModel):
    """A value as it comes in, and as echo returns it."""

    value: Value


class StoredValue(BaseModel):
    """A value as storage keeps it."""

    model_config = ConfigDict(frozen=True)

    id: int
    value: Value
    operation_id: str | None
    """The operation (trace) that stored it."""


class Deadline:
    """A point in time that several calls share."""

    def __init__(self, within_s: float) -> None:
        self._at_s = asyncio.get_running_loop().time() + within_s

    def remaining_s(self) -> float:
        """Seconds left; never negative."""
        return max(0.0, self._at_s - asyncio.get_running_loop().time())


Answer = TypeVar("Answer")

_ENTERED = TypeAdapter(EnteredValue)
_STORED = TypeAdapter(StoredValue)
_STORED_VALUES = TypeAdapter(list[StoredValue])


class Mesh:
    """Echo and storage, over one HTTP client.

    Every method raises `ServiceProblem` when a service fails: 503 when it cannot be reached, is too slow or says so
    itself, 502 when it answers with anything else that was not asked for. The problem names the service that failed,
    which is storage's database when storage says that.
    """

    def __init__(self, settings: FrontendSettings, transport: httpx.AsyncBaseTransport) -> None:
        self._echo_url = str(settings.echo_url).rstrip("/")
        self._storage_url = str(settings.storage_url).rstrip("/")
        self._echo_timeout_s = settings.echo_timeout_s
        self._deadline_s = settings.deadline_s
        self._client = httpx.AsyncClient(transport=transport)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def deadline(self) -> Deadline:
        """Begin the time that one request has for all its calls."""
        return Deadline(self._deadline_s)

    async def enter(self, value: str, deadline: Deadline) -> StoredValue:
        """Have a value echoed, then have what echo answered stored. If echo fails, nothing is stored."""
        echo_url = f"{self._echo_url}/echo"
        patience_s = min(self._echo_timeout_s, deadline.remaining_s())
        echoed = await self._call("echo", self._post(echo_url, value), _ENTERED, patience_s)
        store = self._post(f"{self._storage_url}/values", echoed.value)
        stored = await self._call("storage", store, _STORED, deadline.remaining_s())
        logger.info("value %s entered (length %s)", stored.id, len(stored.value))
        return stored

    async def newest(self, limit: int, deadline: Deadline) -> list[StoredValue]:
        """The latest values, newest first."""
        listing = self._client.build_request("GET", f"{self._storage_url}/values", params={"limit": limit})
        return await self._call("storage", listing, _STORED_VALUES, deadline.remaining_s())

    def _post(self, url: str, value: str) -> httpx.Request:
        return self._client.build_request("POST", url, json={"value": value})

    async def _call(
        self, service: str, request: httpx.Request, answer: TypeAdapter[Answer], patience_s: float
    ) -> Answer:
        request.extensions["timeout"] = httpx.Timeout(patience_s).as_dict()
        try:
            async with asyncio.timeout(patience_s + GRACE_S):
                response = await self._client.send(request)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise _unavailable(service, f"{service} did not answer within {patience_s:.1f} s") from error
        except httpx.RequestError as error:
            raise _unavailable(service, f"{service} cannot be reached ({type(error).__name__})") from error
        if not response.is_success:
            raise _refused(service, response)
        try:
            return answer.validate_json(response.content)
        except ValidationError as error:
            detail = f"{service} answered with something other than what it was asked for."
            raise ServiceProblem(HTTPStatus.BAD_GATEWAY, detail, service=service) from error


def _unavailable(service: str, what: str) -> ServiceProblem:
    detail = f"{what}. Try again in a moment."
    return ServiceProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, service=service, headers={"Retry-After": "1"})


def _refused(service: str, response: httpx.Response) -> ServiceProblem:
    """Say what a service's error means to the frontend's client, in the service's own words where it has any."""
    try:
        problem = _Problem.model_validate_json(response.content)
    except ValidationError:
        problem = _Problem()
    words = f": {problem.detail}" if problem.detail else "."
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"}
    else:
        status, headers = HTTPStatus.BAD_GATEWAY, {}
    detail = f"{service} answered {response.status_code}{words}"
    return ServiceProblem(status, detail, service=problem.service or service, headers=headers)


class _Problem(BaseModel):
    """What is read of another service's problem document."""

    detail: str = ""
    service: str | None = None
