"""The warning about the public development password."""

import logging

import pytest
from pydantic import SecretStr

from running.settings import PROJECT_DIR
from storage.settings import DEVELOPMENT_PASSWORD, MySQLSettings, StorageSettings, warn_of_exposure

EVERYWHERE = "0.0.0.0"  # noqa: S104 - as in a container
OWN = "correct horse battery staple"


@pytest.mark.parametrize(
    ("host", "published_on", "password", "warned"),
    [
        (EVERYWHERE, "", DEVELOPMENT_PASSWORD, True),
        (EVERYWHERE, "192.0.2.1", DEVELOPMENT_PASSWORD, True),
        (EVERYWHERE, "127.0.0.1", DEVELOPMENT_PASSWORD, False),
        ("127.0.0.1", "", DEVELOPMENT_PASSWORD, False),
        (EVERYWHERE, "192.0.2.1", OWN, False),
    ],
)
def test_warning_if_other_machines_reach_the_development_password(
    caplog: pytest.LogCaptureFixture,
    host: str,
    published_on: str,
    password: str,
    warned: bool,  # noqa: FBT001 - a column
) -> None:
    settings = StorageSettings(host=host, published_on=published_on)

    warn_of_exposure(settings, MySQLSettings(password=SecretStr(password)))

    assert [record.levelno for record in caplog.records] == [logging.WARNING] * warned
    assert password not in caplog.text


def test_development_password_is_the_one_of_the_compose_file() -> None:
    compose = (PROJECT_DIR / "docker-compose.yml").read_text("utf-8")

    assert compose.count(f"MYSQL_PASSWORD: ${{MYSQL_PASSWORD:-{DEVELOPMENT_PASSWORD}}}") == 2
