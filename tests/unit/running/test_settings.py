"""Settings from the environment, and the environment of the programs."""

from pathlib import Path

import pytest

from running.errors import RunningError
from running.settings import Settings


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTEND_PORT", "")
    monkeypatch.setenv("MYSQL_HOST", "")

    settings = Settings.from_environment()

    assert settings.frontend_port == 8000
    assert settings.has_private_database


@pytest.mark.parametrize("port", ["no number", "0", "65536"])
def test_invalid_port_is_rejected_by_its_variable(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("ECHO_PORT", port)

    with pytest.raises(RunningError, match="ECHO_PORT"):
        Settings.from_environment()


def test_environment_has_the_addresses_of_all_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECHO_PORT", "9001")
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))

    environment = Settings.from_environment().environment("secret")

    assert (environment["ECHO_PORT"], environment["ECHO_URL"]) == ("9001", "http://127.0.0.1:9001")
    assert (environment["MYSQL_HOST"], environment["MYSQL_PASSWORD"]) == ("127.0.0.1", "secret")
    assert environment["INSIGHTS_DATA_DIR"] == str(tmp_path / "insights")


def test_existing_database_server_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYSQL_HOST", "db.example")

    settings = Settings.from_environment()

    assert "mysql" not in settings.ports
    assert settings.environment("")["MYSQL_HOST"] == "db.example"


def test_calls_on_this_machine_use_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "intranet.example")

    assert Settings().environment("")["no_proxy"] == "intranet.example,127.0.0.1,localhost"


def test_telemetry_sent_to_azure_has_no_links_to_local_insights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=0;IngestionEndpoint=https://example"
    )

    settings = Settings.from_environment()

    assert not settings.reports_to_local_insights
    assert settings.environment("")["INSIGHTS_URL"] == ""
    assert "example" not in repr(settings)


def test_start_limits_are_passed_to_supervisord(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("START_RETRIES", "0")

    environment = Settings.from_environment().environment("")

    assert (environment["START_SECONDS"], environment["START_RETRIES"]) == ("5", "0")
