import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from support.ingestion_server import ingestion_server
from telemetry import TelemetrySettings, integrations

PROJECT_DIR = Path(__file__).parents[3]
README = (PROJECT_DIR / "shared" / "telemetry" / "README.md").read_text()
PUBLIC_MODULES = [
    "telemetry",
    "telemetry.settings",
    "telemetry.testing",
    *(f"telemetry.integrations.{module.name}" for module in iter_modules(integrations.__path__)),
]
LIBRARY_TESTS = (
    "tests/unit/telemetry/",
    "tests/contract/test_log_exporter.py",
    "tests/contract/test_unresponsive_ports.py",
)
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_every_setting_is_documented() -> None:
    undocumented = [name for name in TelemetrySettings.model_fields if f"| `{name}` |" not in README]
    assert undocumented == []


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_public_name_is_documented(module: str) -> None:
    (row,) = re.findall(rf"^\| `{module}` \| (.*) \|$", README, re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", row)) == sorted(import_module(module).__all__)


def test_services_and_other_tests_import_no_private_module() -> None:
    importing = [
        str(path.relative_to(PROJECT_DIR))
        for folder in ("benchmarks", "examples", "running", "services", "shared/service", "tests")
        for path in (PROJECT_DIR / folder).rglob("*.py")
        if re.search(r"^\s*(?:from|import) telemetry\._internal", path.read_text(), re.MULTILINE)
    ]
    assert [path for path in importing if not path.startswith(LIBRARY_TESTS)] == []


def test_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.strip().splitlines()[-1])
def test_example_runs(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_STORAGE_DIR", str(tmp_path))
    with ingestion_server() as server:
        monkeypatch.setenv("INSIGHTS_PORT", str(server.port))
        exec(compile(example, "README.md", "exec"), {"__name__": "example"})  # noqa: S102, the examples of the project's README
    if "with Telemetry(" in example:
        assert set(server.names) >= {"place order", "order accepted", "order placed"}
        assert [(metric["name"], metric["value"]) for metric in server.metrics if metric["name"] == "order value"] == [
            ("order value", 59.9)
        ]
