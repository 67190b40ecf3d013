"""Settings: documentation, environment, immutability."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from local_insights import settings as module
from local_insights.settings import Settings

README = Path(module.__file__).parent.parent / "README.md"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_in_the_readme(name: str) -> None:
    assert f"| `INSIGHTS_{name.upper()}` |" in README.read_text("utf-8")


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_DATA_DIR", "/data")
    monkeypatch.setenv("INSIGHTS_PORT", "9090")
    assert (Settings().data_dir, Settings().port) == (Path("/data"), 9090)


def test_settings_are_immutable() -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1
