"""Where the control socket is, whatever the checkout is called."""

import os
from pathlib import Path

from running.supervision import LONGEST_SOCKET_PATH, Supervisor, control_socket


def test_the_control_socket_is_kept_with_the_state() -> None:
    assert control_socket(Path("/srv/mesh/.local")) == Path("/srv/mesh/.local/supervisor.sock")


def test_a_deep_state_directory_has_its_socket_under_a_short_name() -> None:
    deep = Path("/srv", *["folder"] * 20, ".local")

    assert len(os.fsencode(control_socket(deep))) <= LONGEST_SOCKET_PATH
    assert control_socket(deep) == control_socket(deep)
    assert control_socket(deep) != control_socket(deep / "other")


def test_no_supervisor_is_found_where_only_a_stale_socket_is(tmp_path: Path) -> None:
    control_socket(tmp_path).touch()

    assert Supervisor(tmp_path).identity() is None
