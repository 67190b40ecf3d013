"""Calls without telemetry of the other side are linked by the request context, as classic SDKs send it."""

import itertools
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local_insights.model.app_id import app_id

pytestmark = pytest.mark.anyio

SHOP, STOCK, BILLING = "key-of-shop", "key-of-stock", "key-of-billing"
_numbers = itertools.count(1)


def envelope(role: str, key: str, base_type: str, parent_id: str = "", **base_data: object) -> dict[str, Any]:
    """Return an envelope in its own operation: only its fields can link it to another item."""
    number = next(_numbers)
    return {
        "time": datetime.now(UTC).isoformat(),
        "iKey": key,
        "tags": {
            "ai.cloud.role": role,
            "ai.operation.id": f"{number:032x}",
            "ai.operation.parentId": parent_id,
        },
        "data": {
            "baseType": base_type,
            "baseData": {"id": f"|{number:032x}.{number:016x}.", "name": "n", "duration": "00:00:00.1", **base_data},
        },
    }


def call(role: str, key: str, target: str) -> dict[str, Any]:
    return envelope(role, key, "RemoteDependencyData", type="Http (tracked component)", target=target)


def request(role: str, key: str, source: str = "", parent_id: str = "") -> dict[str, Any]:
    return envelope(role, key, "RequestData", parent_id, source=source, responseCode="200")


async def edges(client: httpx.AsyncClient, *envelopes: dict[str, Any]) -> set[tuple[str, str]]:
    (await client.post("/v2/track", json=envelopes)).raise_for_status()
    found = (await client.get("/map.json")).json()
    return {(edge["source"], edge["target"]) for edge in found["edges"]}


async def test_target_with_an_application_id_is_the_role_of_the_application(client: httpx.AsyncClient) -> None:
    found = await edges(client, call("shop", SHOP, f"stock:80 | cid-v1:{app_id(STOCK)}"), request("stock", STOCK))
    assert ("role:shop", "role:stock") in found
    assert not any(target.startswith("dependency:") for _, target in found)


async def test_application_with_several_roles_is_not_linked(client: httpx.AsyncClient) -> None:
    found = await edges(
        client,
        call("shop", SHOP, f"stock:80 | cid-v1:{app_id(STOCK)}"),
        request("stock", STOCK),
        request("returns", STOCK),
    )
    assert ("role:shop", "dependency:HTTP|stock:80") in found


@pytest.mark.parametrize(
    "source", ["roleName:shop", f"cid-v1:{app_id(SHOP)} | roleName:shop", f"cid-v1:{app_id(SHOP)}"]
)
async def test_source_is_the_caller_when_its_item_is_missing(client: httpx.AsyncClient, source: str) -> None:
    found = await edges(
        client, request("stock", STOCK, source, parent_id="|abc.00f067aa0ba902b7."), request("shop", SHOP)
    )
    assert ("role:shop", "role:stock") in found


async def test_source_is_ignored_when_the_item_of_the_caller_exists(client: httpx.AsyncClient) -> None:
    made = call("shop", SHOP, "stock:80")
    served = request("stock", STOCK, "roleName:another role")
    served["tags"]["ai.operation.id"] = made["tags"]["ai.operation.id"]
    served["tags"]["ai.operation.parentId"] = made["data"]["baseData"]["id"]
    assert await edges(client, made, served) == {("role:shop", "role:stock")}


async def test_hierarchical_parent_and_bare_id_are_one_call(client: httpx.AsyncClient) -> None:
    """Node.js sends `|trace.span.`, an OpenCensus or OpenTelemetry service that it calls sends the bare span id."""
    made = call("shop", SHOP, "billing:80")
    served = request("billing", BILLING)
    operation_id = made["tags"]["ai.operation.id"]
    served["tags"] |= {"ai.operation.id": operation_id, "ai.operation.parentId": operation_id[-16:]}
    assert await edges(client, made, served) == {("role:shop", "role:billing")}


async def test_different_spellings_of_http_are_one_node(client: httpx.AsyncClient) -> None:
    others = [call(role, SHOP, "stock:80") for role in ("shop", "billing", "returns")]
    for made, spelling in zip(others, ("HTTP", "Http", "Http (tracked component)"), strict=True):
        made["data"]["baseData"]["type"] = spelling
    found = await edges(client, *others)
    assert {target for _, target in found} == {"dependency:HTTP|stock:80"}
