import re
from pathlib import Path

import pytest

from support.ingestion_server import ingestion_server
from telemetry import TelemetrySettings

README = (Path(__file__).parents[3] / "shared" / "telemetry" / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_every_setting_is_documented() -> None:
    undocumented = [name for name in TelemetrySettings.model_fields if f"| `{name}` |" not in README]
    assert undocumented == []


def test_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.strip().splitlines()[-1])
def test_example_runs(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_STORAGE_DIR", str(tmp_path))
    with ingestion_server() as server:
        monkeypatch.setenv("INSIGHTS_PORT", str(server.port))
        exec(compile(example, "README.md", "exec"), {"__name__": "example"})  # noqa: S102, the project's own words
    if "with Telemetry(" in example:
        assert set(server.names) >= {"place order", "order taken", "order placed"}
        assert [(metric["name"], metric["value"]) for metric in server.metrics if metric["name"] == "order value"] == [
            ("order value", 59.9)
        ]
