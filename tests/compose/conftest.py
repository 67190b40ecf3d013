"""One composed mesh for all tests here, in the order of their text: building it takes a minute, starting it seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from running.commands import run
from running.errors import RunningError
from support.composed_mesh import ComposedMesh, compose_command

pytest.register_assert_rewrite("transaction_tree")


def pytest_report_header() -> str:
    return run([*compose_command(), "version"]).splitlines()[0]


@pytest.fixture(scope="session")
def mesh() -> Iterator[ComposedMesh]:
    """The mesh, built and up. Of what is left at the end nothing stays."""
    mesh = ComposedMesh()
    mesh.down()
    try:
        with told("built"):
            mesh.build()
        with told("up and healthy"):
            mesh.up()
        yield mesh
    except RunningError as error:
        pytest.fail(f"{error}\n{mesh.compose('logs', '--tail', '20')}")
    finally:
        mesh.down()
        mesh.close()


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say how long something took."""
    began = time.monotonic()
    yield
    print(f"\n{what} after {time.monotonic() - began:.1f} s", flush=True)
