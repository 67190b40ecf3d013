"""One composed mesh for all tests, which run in file order: a build takes a minute, a start seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from running.commands import run
from running.errors import RunningError
from support.composed_mesh import ComposedMesh, compose_command

pytest.register_assert_rewrite("support.transaction_tree")


def pytest_report_header() -> str:
    return run([*compose_command(), "version"]).splitlines()[0]


@pytest.fixture(scope="session")
def mesh() -> Iterator[ComposedMesh]:
    """The mesh, built and running. Everything is removed at the end."""
    mesh = ComposedMesh()
    mesh.down()
    try:
        with timed("built"):
            mesh.build()
        with timed("up and healthy"):
            mesh.up()
        yield mesh
    except RunningError as error:
        pytest.fail(f"{error}\n{mesh.compose('logs', '--tail', '20')}")
    finally:
        mesh.down()
        mesh.close()


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print the duration of the block."""
    began = time.monotonic()
    yield
    print(f"\n{what} after {time.monotonic() - began:.1f} s", flush=True)
