"""The path of the control socket for state directories of any length."""

import os
from pathlib import Path

from running.supervision import LONGEST_SOCKET_PATH, Supervisor, control_socket


def test_control_socket_is_in_the_state_directory() -> None:
    assert control_socket(Path("/srv/mesh/.local")) == Path("/srv/mesh/.local/supervisor.sock")


def test_deep_state_directory_has_a_socket_with_a_short_path() -> None:
    deep = Path("/srv", *["folder"] * 20, ".local")

    assert len(os.fsencode(control_socket(deep))) <= LONGEST_SOCKET_PATH
    assert control_socket(deep) == control_socket(deep)
    assert control_socket(deep) != control_socket(deep / "other")


def test_stale_socket_is_no_supervisor(tmp_path: Path) -> None:
    control_socket(tmp_path).touch()

    assert Supervisor(tmp_path).identity() is None
