"""The services behind the frontend. A value that a user enters is sent to echo, and its result to storage."""

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
"""Keep-alive of idle connections, in seconds. Shorter than uvicorn's 5 s, so that no request is sent on a connection
that the server is closing."""

CANCEL_DELAY_S = 0.1
"""Seconds between the timeout of httpx and the cancellation of the call. The timeout of httpx has to occur first,
because its exception has a name that telemetry can record."""

Value = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
"""A value: 1 to 1,000 Unicode code points of any kind."""


class EnteredValue(BaseModel):
    """A value as the client sends it, and as echo returns it."""

    value: Value


class StoredValue(BaseModel):
    """A value as storage returns it."""

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
        """Return the seconds left; never negative."""
        return max(0.0, self._at_s - asyncio.get_running_loop().time())


Result = TypeVar("Result")

_ENTERED = TypeAdapter(EnteredValue)
_STORED = TypeAdapter(StoredValue)
_STORED_VALUES = TypeAdapter(list[StoredValue])


class Backends:
    """Client of echo and storage.

    Every method raises `ServiceProblem` when a service fails: 503 when it is unreachable, exceeds its timeout or
    responds with 503; 502 when it responds with any other error or an invalid body. The problem names the service that
    failed; that is storage's database when storage reports it.

    A call that changes nothing is repeated once when a pooled connection breaks before the response: the service may be
    closing it, for example to restart. Storing a value is never repeated.
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
        """Return the deadline for all calls of one request, from now on."""
        return Deadline(self._deadline_s)

    async def enter(self, value: str, deadline: Deadline) -> StoredValue:
        """Send a value to echo, then what echo returns to storage. Nothing is stored if echo fails."""
        echo_url = f"{self._echo_url}/echo"
        timeout_s = min(self._echo_timeout_s, deadline.remaining_s())
        echoed = await self._call("echo", self._post(echo_url, value), _ENTERED, timeout_s, is_idempotent=True)
        store = self._post(f"{self._storage_url}/values", echoed.value)
        stored = await self._call("storage", store, _STORED, deadline.remaining_s())
        logger.info("value %s entered (length %s)", stored.id, len(stored.value))
        return stored

    async def newest(self, limit: int, deadline: Deadline) -> list[StoredValue]:
        """Return the latest values, newest first."""
        listing = self._client.build_request("GET", f"{self._storage_url}/values", params={"limit": limit})
        return await self._call("storage", listing, _STORED_VALUES, deadline.remaining_s(), is_idempotent=True)

    def _post(self, url: str, value: str) -> httpx.Request:
        return self._client.build_request("POST", url, json={"value": value})

    async def _call(
        self,
        service: str,
        request: httpx.Request,
        result: TypeAdapter[Result],
        timeout_s: float,
        *,
        is_idempotent: bool = False,
    ) -> Result:
        request.extensions["timeout"] = httpx.Timeout(timeout_s).as_dict()
        try:
            async with asyncio.timeout(timeout_s + CANCEL_DELAY_S):
                response = await self._send(request, is_idempotent=is_idempotent)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise _unavailable(service, f"{service} did not respond within {timeout_s:.1f} s") from error
        except httpx.RequestError as error:
            raise _unavailable(service, f"{service} is unreachable ({type(error).__name__})") from error
        if not response.is_success:
            raise _failed(service, response)
        try:
            return result.validate_json(response.content)
        except ValidationError as error:
            detail = f"{service} responded with an unexpected body."
            raise ServiceProblem(HTTPStatus.BAD_GATEWAY, detail, service=service) from error

    async def _send(self, request: httpx.Request, *, is_idempotent: bool) -> httpx.Response:
        is_new_connection = False

        async def trace(event: str, _info: object) -> None:
            nonlocal is_new_connection
            is_new_connection = is_new_connection or event.startswith("connection.connect")

        request.extensions["trace"] = trace
        try:
            return await self._client.send(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            if is_new_connection or not is_idempotent:
                raise
            return await self._client.send(request)


def _unavailable(service: str, what: str) -> ServiceProblem:
    detail = f"{what}. Try again in a few seconds."
    return ServiceProblem(HTTPStatus.SERVICE_UNAVAILABLE, detail, service=service, headers={"Retry-After": "1"})


def _failed(service: str, response: httpx.Response) -> ServiceProblem:
    """Return the problem for an error response of a service, with the detail of the service's own problem if any."""
    try:
        problem = _Problem.model_validate_json(response.content)
    except ValidationError:
        problem = _Problem()
    reason = f": {problem.detail}" if problem.detail else "."
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"}
    else:
        status, headers = HTTPStatus.BAD_GATEWAY, {}
    detail = f"{service} responded with {response.status_code}{reason}"
    return ServiceProblem(status, detail, service=problem.service or service, headers=headers)


class _Problem(BaseModel):
    """The members read from another service's problem document."""

    detail: str = ""
    service: str | None = None
