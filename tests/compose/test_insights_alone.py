"""The image of Local Insights without the mesh, started by `docker run`."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import count

import httpx
import pytest

from support.captured_posts import envelopes
from support.composed_mesh import docker
from support.polling import eventually

DISK_MB = 192
"""More than the free space that it requires, and filled quickly."""

pytestmark = pytest.mark.usefixtures("mesh")  # it builds the image


def test_local_insights_runs_without_the_mesh() -> None:
    with insights_alone() as (_, url):
        assert httpx.get(f"{url}/map", trust_env=False).is_success


def test_full_disk_is_503_and_acknowledged_items_are_stored() -> None:
    with insights_alone() as (container, url), httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
        acknowledged, numbers = 0, count()
        envelope = envelopes("opencensus_fixed", "RequestData")[0]

        def tags(number: int) -> dict[str, str]:
            return {**envelope["tags"], "ai.operation.id": f"{number:032x}"}

        def status() -> int:
            nonlocal acknowledged
            response = client.post("/v2.1/track", json=[{**envelope, "tags": tags(next(numbers))} for _ in range(20)])
            acknowledged += response.json().get("itemsAccepted", 0)
            return response.status_code

        assert status() == HTTPStatus.OK
        docker("exec", container, "sh", "-c", "cat /dev/zero >/data/filler 2>/dev/null || true")
        eventually(lambda: status() == HTTPStatus.SERVICE_UNAVAILABLE, within_s=20)
        assert client.get("/readyz").status_code == HTTPStatus.SERVICE_UNAVAILABLE

        docker("exec", container, "rm", "/data/filler")
        eventually(lambda: status() == HTTPStatus.OK, within_s=20)
        assert client.get("/readyz").is_success
        assert client.get("/healthz").json()["items"] == acknowledged


@contextmanager
def insights_alone() -> Iterator[tuple[str, str]]:
    """Run a container with the restrictions of docker-compose.yml; return its id and its URL when it responds."""
    data = f"/data:uid=10001,size={DISK_MB}m"
    restricted = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", data)
    image = "local-insights/insights"
    container = docker("run", "--detach", "--rm", "--init", *restricted, "--publish", "127.0.0.1::8080", image).strip()
    try:
        url = f"http://{docker('port', container, '8080/tcp').strip()}"
        eventually(lambda: is_served(f"{url}/healthz"), within_s=20)
        yield container, url
    finally:
        docker("stop", container)


def is_served(url: str) -> bool:
    """Return True if the URL responds with success."""
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False
