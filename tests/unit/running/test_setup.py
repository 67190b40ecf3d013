"""`running/setup.sh`: interpreters, concurrent calls, and paths."""

import shutil
import subprocess
import sys
from pathlib import Path

from running.settings import PROJECT_DIR


def test_unsuitable_interpreter_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    for name in (
        "running/setup.sh",
        "running/package_index.sh",
        "running/relative_pth.py",
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


def test_paths_of_editable_packages_become_relative(tmp_path: Path) -> None:
    packages = tmp_path / "Übung 5%" / ".venv" / "lib"
    packages.mkdir(parents=True)
    source = tmp_path / "Übung 5%" / "src"
    source.mkdir()
    editable, other = packages / "a.pth", packages / "b.pth"
    editable.write_bytes(f"{source}/\nimport os\n".encode())
    other.write_bytes(b"import sys\n")
    subprocess.run(
        [sys.executable, PROJECT_DIR / "running" / "relative_pth.py", packages], env={"LC_ALL": "C"}, check=True
    )
    assert editable.read_bytes() == b"../../src\nimport os\n"
    assert other.read_bytes() == b"import sys\n"


def test_second_setup_waits_for_the_first(tmp_path: Path) -> None:
    """The interpreter of the test records the start and the end of each setup, and fails before it needs a network."""
    for name in ("running/setup.sh", "running/package_index.sh", "running/relative_pth.py", "running/relative_pth.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT_DIR / name, tmp_path / name)
    (tmp_path / "requirements.lock").touch()
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        f'[ "$1" != -m ] || {{ echo start >>{tmp_path}/log; sleep 0.2; echo end >>{tmp_path}/log; exit 1; }}\n'
        f'exec {sys.executable} "$@"\n',
        encoding="utf-8",
    )
    python.chmod(0o700)
    command = ["sh", str(tmp_path / "running" / "setup.sh")]
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": str(python)}
    setups = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    for setup in setups:
        setup.communicate()
    assert (tmp_path / "log").read_text(encoding="utf-8").split() == ["start", "end"] * 2
