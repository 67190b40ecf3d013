from pathlib import Path

from telemetry import TelemetrySettings

README = Path(__file__).parents[3] / "shared" / "README.md"


def test_every_setting_is_documented() -> None:
    text = README.read_text()
    undocumented = [name for name in TelemetrySettings.model_fields if f"| `{name}` |" not in text]
    assert undocumented == []
