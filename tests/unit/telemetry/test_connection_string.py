import os
from pathlib import Path

import pytest

from telemetry import ConnectionStringError, TelemetrySettings
from telemetry._internal.connection_string import Connection, parse_connection_string
from telemetry._internal.envelopes.envelopes import Resource
from telemetry._internal.export.span_exporter import SpanExporter
from telemetry._internal.export.storage import Storage
from telemetry._internal.export.transport import Endpoint, ExportOptions

KEY = "11111111-2222-3333-4444-555555555555"
LOCAL = Connection(KEY, "http://127.0.0.1:8080")


@pytest.mark.parametrize(
    "text",
    [
        f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:8080",
        f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:8080/;",
        f" instrumentationkey = {KEY} ; INGESTIONENDPOINT = http://127.0.0.1:8080 ",
        f"InstrumentationKey={KEY};;IngestionEndpoint=http://127.0.0.1:8080;LiveEndpoint=http://127.0.0.1:8080",
        f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:8080;Secret=a=b==",
    ],
)
def test_case_spaces_and_unknown_names_are_accepted(text: str) -> None:
    assert parse_connection_string(text) == LOCAL


@pytest.mark.parametrize(
    ("endpoint", "is_azure"),
    [
        ("", True),
        ("IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/", True),
        ("IngestionEndpoint=https://usgov.in.applicationinsights.azure.us", True),
        ("EndpointSuffix=ai.azure.cn", True),
        ("IngestionEndpoint=http://127.0.0.1:8080", False),
        ("IngestionEndpoint=https://insights.example.com", False),
        ("IngestionEndpoint=https://notazure.com", False),
    ],
)
def test_azure_is_recognized_by_its_domains(endpoint: str, is_azure: bool) -> None:  # noqa: FBT001 - a column
    assert parse_connection_string(f"InstrumentationKey={KEY};{endpoint}").is_azure is is_azure


def test_upper_case_key_is_accepted() -> None:
    key = "ABCDEF01-2222-3333-4444-555555555555"
    assert parse_connection_string(f"InstrumentationKey={key}").instrumentation_key == key.lower()


def test_endpoint_may_contain_an_equals_sign() -> None:
    text = f"InstrumentationKey={KEY};IngestionEndpoint=http://host/a=b"
    assert parse_connection_string(text).ingestion_endpoint == "http://host/a=b"


def test_default_endpoint_is_azure() -> None:
    assert (
        parse_connection_string(f"InstrumentationKey={KEY}").ingestion_endpoint
        == "https://dc.services.visualstudio.com"
    )


def test_endpoint_is_built_from_suffix_and_location() -> None:
    text = f"InstrumentationKey={KEY};EndpointSuffix=ai.example.com;Location=eu"
    assert parse_connection_string(text).ingestion_endpoint == "https://eu.dc.ai.example.com"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no name=value pair"),
        ("IngestionEndpoint=http://h", "InstrumentationKey is missing or empty .*IngestionEndpoint"),
        ("InstrumentationKey=", "InstrumentationKey is missing or empty"),
        ("InstrumentationKey=sesame", "not a UUID"),
        (f"InstrumentationKey={KEY};IngestionEndpoint=127.0.0.1:8080", "IngestionEndpoint must be a URL"),
        (f"InstrumentationKey={KEY};IngestionEndpoint=ftp://h", "IngestionEndpoint must be a URL"),
        (f"InstrumentationKey={KEY};Authorization=aad", "Authorization=aad is not supported"),
    ],
)
def test_invalid_connection_string_is_rejected_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(ConnectionStringError, match=message):
        parse_connection_string(text)


def test_settings_error_does_not_contain_the_key() -> None:
    with pytest.raises(ValueError, match="not a UUID") as rejected:
        TelemetrySettings(role="r", connection_string="InstrumentationKey=open-sesame")
    assert "sesame" not in str(rejected.value)
    assert KEY not in repr(TelemetrySettings(role="r", connection_string=f"InstrumentationKey={KEY}"))


def test_empty_variable_selects_the_local_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", " ")
    monkeypatch.setenv("INSIGHTS_PORT", "9999")
    assert TelemetrySettings(role="r").connections[0].ingestion_endpoint == "http://127.0.0.1:9999"


def test_exporter_accepts_a_trailing_semicolon_in_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variable = f"InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:9;"
    monkeypatch.setenv("APPLICATIONINSIGHTS_CONNECTION_STRING", variable)
    settings = TelemetrySettings(role="r")
    options = ExportOptions(settings.connections[0], Endpoint("http://127.0.0.1:9"), Storage(tmp_path), 1.0, 0.5)
    exporter = SpanExporter(options, Resource({}))
    exporter.begin_close(0.0)
    exporter.end_close()
    assert exporter.options.endpoint == "http://127.0.0.1:9"
    assert os.environ["APPLICATIONINSIGHTS_CONNECTION_STRING"] == variable
