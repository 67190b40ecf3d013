"""The frontend, as the console program calls it."""

from http import HTTPStatus
from typing import Self

import requests
from pydantic import BaseModel, ValidationError


class FrontendError(Exception):
    """The value did not come back. The text says why, and what to do."""


class _Answer(BaseModel):
    value: str


class _Problem(BaseModel):
    detail: str


class Frontend:
    """Sends values to the frontend, over one connection; a context manager that closes it."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._session = requests.Session()
        # A proxy that the environment names is for the world outside; it would be asked for 127.0.0.1, too.
        self._session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._session.close()

    def send(self, value: str) -> str:
        """Have a value echoed and stored.

        Returns:
            What echo answered.

        Raises:
            FrontendError: No connection, no answer in time, or an answer that is an error.
        """
        try:
            response = self._session.post(
                f"{self._url}/values",
                json={"value": value},
                headers={"Accept": "application/json"},
                timeout=self._timeout_s,
            )
        except requests.Timeout as error:
            message = f"The frontend at {self._url} did not answer within {self._timeout_s} s."
            raise FrontendError(message) from error
        except requests.RequestException as error:
            message = f"The frontend at {self._url} cannot be reached. Is it running? (make up)"
            raise FrontendError(message) from error
        try:
            if response.status_code == HTTPStatus.CREATED:
                return _Answer.model_validate_json(response.content).value
            message = _Problem.model_validate_json(response.content).detail
        except ValidationError as error:
            message = f"What answers at {self._url} is not the frontend: status {response.status_code}."
            raise FrontendError(message) from error
        raise FrontendError(message)
