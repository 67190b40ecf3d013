"""One mesh for all end-to-end tests: starting it takes seconds, and nothing a test does to it outlasts the test."""

import os
from collections.abc import Iterator

import pytest
from running_mesh import RunningMesh, running_mesh, settings_of_a_new_mesh


@pytest.fixture(scope="session")
def session_mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMesh]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("TELEMETRY_", "FRONTEND_", "ECHO_", "STORAGE_", "INSIGHTS_", "MYSQL_")):
                patch.delenv(name)
        with running_mesh(settings_of_a_new_mesh(tmp_path_factory.mktemp("mesh"))) as mesh:
            yield mesh


@pytest.fixture
def mesh(session_mesh: RunningMesh) -> RunningMesh:
    """The mesh, healthy at the beginning of every test."""
    session_mesh.up()
    return session_mesh
