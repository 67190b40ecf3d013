"""Local Insights' image without the mesh, as `docker run` starts it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx
import pytest

from support.captured_posts import posts
from support.composed_mesh import docker
from support.polling import eventually

DISK_MB = 192
"""More than it wants to be spare, and soon full."""

pytestmark = pytest.mark.usefixtures("mesh")  # which builds the image


def test_local_insights_runs_alone_from_its_image() -> None:
    with insights_alone() as (_, url):
        assert httpx.get(f"{url}/map", trust_env=False).is_success


def test_a_full_disk_makes_senders_wait_and_what_was_acknowledged_is_kept() -> None:
    with insights_alone() as (container, url), httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
        acknowledged = 0

        def status() -> int:
            nonlocal acknowledged
            answer = client.post("/v2.1/track", content=posts()[0].body)
            acknowledged += answer.json().get("itemsAccepted", 0)
            return answer.status_code

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
    """A container of Local Insights' image alone, confined as in docker-compose.yml, and its URL, once it answers."""
    data = f"/data:uid=10001,size={DISK_MB}m"
    confined = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", data)
    image = "local-insights/insights"
    container = docker("run", "--detach", "--rm", "--init", *confined, "--publish", "127.0.0.1::8080", image).strip()
    try:
        url = f"http://{docker('port', container, '8080/tcp').strip()}"
        eventually(lambda: shown(f"{url}/healthz"), within_s=20)
        yield container, url
    finally:
        docker("stop", container)


def shown(url: str) -> bool:
    """Whether a page is there."""
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False
