"""Build wheels of the project and install them into virtual environments."""

import os
import subprocess
import sys
from pathlib import Path

from running.settings import PROJECT_DIR

_UV = Path(sys.executable).with_name("uv")


def run_uv(*arguments: str | Path) -> None:
    """Run uv outside the project, so that it ignores the project's settings.

    uv does not read the configuration of pip: the package index and the certificate are passed on, as by `make setup`.
    """
    configured = {}
    for variable, option in (("UV_DEFAULT_INDEX", "global.index-url"), ("SSL_CERT_FILE", "global.cert")):
        pip = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", option], capture_output=True, text=True, check=False
        )
        if pip.returncode == 0:
            configured[variable] = pip.stdout.strip()
    subprocess.run([_UV, *arguments, "--quiet"], cwd="/", env=configured | os.environ, check=True)


def build_wheel(package: str, directory: Path) -> Path:
    """Build the wheel of a package folder, such as `services/insights`, into a directory."""
    run_uv("build", "--wheel", "--offline", "--out-dir", directory, PROJECT_DIR / package)
    (wheel,) = directory.glob("*.whl")
    return wheel


def create_venv(directory: Path, *requirements: str | Path) -> Path:
    """Create a virtual environment with this Python, install packages, and return its Python.

    Args:
        directory: The directory of the environment.
        requirements: Arguments of `uv pip install`: requirements, wheels, options.
    """
    run_uv("venv", "--python", sys.executable, directory)
    run_uv("pip", "install", "--python", directory, *requirements)
    return directory / "bin" / "python"
