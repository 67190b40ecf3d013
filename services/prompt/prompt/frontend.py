"""Client of the frontend."""

from http import HTTPStatus
from typing import Self

import requests
from pydantic import BaseModel, ValidationError


class FrontendError(Exception):
    """The value was not echoed and stored. The text is the reason, and what to do."""


class _Stored(BaseModel):
    value: str


class _Problem(BaseModel):
    detail: str


class Frontend:
    """Sends values to the frontend over one connection; a context manager that closes it."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._session = requests.Session()
        # A proxy of the environment is for other hosts; requests would use it for 127.0.0.1 too.
        self._session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._session.close()

    def send(self, value: str) -> str:
        """Echo and store a value.

        Returns:
            The value that echo returned.

        Raises:
            FrontendError: No connection, a timeout, or an error response.
        """
        try:
            response = self._session.post(
                f"{self._url}/values",
                json={"value": value},
                headers={"Accept": "application/json"},
                timeout=self._timeout_s,
            )
        except requests.Timeout as error:
            message = f"The frontend at {self._url} did not respond within {self._timeout_s} s."
            raise FrontendError(message) from error
        except requests.RequestException as error:
            message = f"The frontend at {self._url} is unreachable. Is it running? (make up)"
            raise FrontendError(message) from error
        try:
            if response.status_code == HTTPStatus.CREATED:
                return _Stored.model_validate_json(response.content).value
            message = _Problem.model_validate_json(response.content).detail
        except ValidationError as error:
            message = f"The server at {self._url} is not the frontend: status {response.status_code}."
            raise FrontendError(message) from error
        raise FrontendError(message)
