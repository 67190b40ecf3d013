"""Valid items among fuzzed ones: a few batches here, thousands in tests/fuzz."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from starlette.applications import Starlette

from local_insights.store.duckdb.store import DuckDBStore
from support.fuzzed_batches import FuzzedBatch, fuzzed_batches

pytestmark = pytest.mark.anyio


@given(batch=fuzzed_batches())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_fuzzed_batch_never_fails_and_loses_no_valid_item(
    app: Starlette, store: DuckDBStore, batch: FuzzedBatch
) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.post("/v2.1/track", content=batch.body)
    assert response.status_code in ({200, 206} if batch.valid else {200, 206, 400})
    assert all(store.transaction(operation_id) for operation_id in batch.valid)
