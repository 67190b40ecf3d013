"""Settings: documentation, environment, command line options, invalid values, immutability."""

from pathlib import Path

import pytest

from local_insights import settings as module
from local_insights.settings import Settings, SettingsError, read_settings

README = Path(module.__file__).parent.parent / "README.md"


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_every_setting_is_documented_in_the_readme(name: str) -> None:
    assert f"| `INSIGHTS_{name.upper()}` |" in README.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("host", "0.0.0.0", "0.0.0.0"),  # noqa: S104 - a value to read
        ("port", "9090", 9090),
        ("published_on", "", ""),
        ("tls_port", "0", 0),
        ("tls_port", "", None),
        ("tls_names", "insights, insights.local,", ("insights", "insights.local")),
        ("data_dir", "/data", Path("/data")),
        ("app_name", "shop", "shop"),
        ("allowed_keys", "ABC,def", frozenset({"abc", "def"})),
        ("allowed_keys", "", frozenset()),
        ("keep_sdk_statistics", "true", True),
        ("keep_sdk_statistics", "0", False),
        ("max_inflight_mb", "16", 16),
        ("memory_limit_mb", "64", 64),
        ("keep_days", "0.5", 0.5),
        ("keep_days", "", None),
        ("max_store_mb", "", None),
        ("query_timeout_s", "2", 2.0),
    ],
)
def test_settings_are_read_from_the_environment(name: str, text: str, expected: object) -> None:
    assert getattr(read_settings({f"INSIGHTS_{name.upper()}": text}, {}), name) == expected


def test_options_override_the_environment_unless_they_are_none() -> None:
    settings = read_settings({"INSIGHTS_PORT": "9090", "INSIGHTS_HOST": "::1"}, {"port": 7070, "host": None})
    assert (settings.port, settings.host) == (7070, "::1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "http"),
        ("port", "70000"),
        ("port", ""),
        ("tls_port", "-1"),
        ("app_name", ""),
        ("keep_sdk_statistics", "perhaps"),
        ("max_inflight_mb", "15"),
        ("memory_limit_mb", "63"),
        ("keep_days", "0"),
        ("max_store_mb", "1"),
        ("query_timeout_s", "0"),
    ],
)
def test_invalid_setting_is_rejected_with_its_name_and_value(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: invalid value '{text}' "):
        read_settings({f"INSIGHTS_{name.upper()}": text}, {})


def test_all_invalid_settings_are_reported_at_once() -> None:
    with pytest.raises(SettingsError, match=r"port: .*; query_timeout_s: "):
        read_settings({"INSIGHTS_PORT": "http", "INSIGHTS_QUERY_TIMEOUT_S": "0"}, {})


def test_settings_are_immutable() -> None:
    settings = Settings()
    with pytest.raises(AttributeError, match="immutable"):
        settings.port = 1  # type: ignore[misc]
