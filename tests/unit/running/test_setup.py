"""`running/setup.sh` without a suitable Python."""

import shutil
import subprocess
from pathlib import Path

from running.settings import PROJECT_DIR


def test_unsuitable_interpreter_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    for name in (
        "running/setup.sh",
        "running/package_index.sh",
        "requirements.lock",
        "pyproject.toml",
        "shared/telemetry/pyproject.toml",
        "shared/service/pyproject.toml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT_DIR / name, tmp_path / name)
    shutil.copytree(PROJECT_DIR / "services", tmp_path / "services", ignore=shutil.ignore_patterns("*.py", "static"))

    setup = subprocess.run(
        ["sh", tmp_path / "running" / "setup.sh"],
        env={"PATH": "/usr/bin:/bin", "PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert setup.returncode == 1
    assert setup.stderr.startswith("Python 3.11, 3.12, 3.13 or 3.14 is needed")
    assert "PYTHON=" in setup.stderr
    assert not (tmp_path / ".venv").exists()
