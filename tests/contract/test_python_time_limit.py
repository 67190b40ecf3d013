"""The time limit of queries also limits the work in Python."""

import httpx
import pytest

from local_insights.app import create_app
from local_insights.settings import Settings
from local_insights.store.memory.store import MemoryStore
from support.items import EMPTY_ITEM

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/map", "/map.json", "/map.txt", "/map.dot", "/map.mmd", "/map.svg"])
async def test_map_that_takes_too_long_is_a_503_with_the_remedy(path: str) -> None:
    store = MemoryStore([EMPTY_ITEM._replace(time_us=1_000_000, item_type="dependency", role="r", target="t")])
    app = create_app(Settings(query_timeout_s=1e-9), store)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        response = await client.get(path, params={"from": "1970-01-01", "to": "1970-01-02"})
    assert response.status_code == 503
    assert "since=" in response.text
