"""One mesh for all end-to-end tests: a start takes seconds. Every test leaves it as it was."""

import os
from collections.abc import Iterator

import pytest

from support.browser_fixtures import browser, open_url
from support.isolated_mesh import isolated_mesh
from support.running_mesh import RunningMesh

__all__ = ["browser", "mesh", "open_url", "session_mesh"]

pytest.register_assert_rewrite("support.transaction_tree")


@pytest.fixture(scope="session")
def session_mesh() -> Iterator[RunningMesh]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("TELEMETRY_", "FRONTEND_", "ECHO_", "STORAGE_", "INSIGHTS_", "MYSQL_")):
                patch.delenv(name)
        with isolated_mesh() as settings:
            mesh = RunningMesh(settings)
            yield mesh
            mesh.close()


@pytest.fixture
def mesh(session_mesh: RunningMesh) -> RunningMesh:
    """The mesh, healthy at the start of every test."""
    session_mesh.up()
    return session_mesh
