"""Calls whose other end sent no telemetry find it by what the two ends told each other, as classic SDKs do."""

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
    """An item of an operation of its own: nothing but what it says leads to another."""
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


async def test_target_that_names_an_application_is_its_role(client: httpx.AsyncClient) -> None:
    found = await edges(client, call("shop", SHOP, f"stock:80 | cid-v1:{app_id(STOCK)}"), request("stock", STOCK))
    assert ("role:shop", "role:stock") in found
    assert not any(target.startswith("dependency:") for _, target in found)


async def test_application_of_several_roles_names_none_of_them(client: httpx.AsyncClient) -> None:
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
async def test_source_names_the_caller_whose_own_item_is_missing(client: httpx.AsyncClient, source: str) -> None:
    found = await edges(
        client, request("stock", STOCK, source, parent_id="|abc.00f067aa0ba902b7."), request("shop", SHOP)
    )
    assert ("role:shop", "role:stock") in found


async def test_source_of_a_request_whose_caller_is_there_adds_nothing(client: httpx.AsyncClient) -> None:
    made = call("shop", SHOP, "stock:80")
    served = request("stock", STOCK, "roleName:somebody else")
    served["tags"]["ai.operation.id"] = made["tags"]["ai.operation.id"]
    served["tags"]["ai.operation.parentId"] = made["data"]["baseData"]["id"]
    assert await edges(client, made, served) == {("role:shop", "role:stock")}


async def test_hierarchical_parent_and_bare_id_are_one_call(client: httpx.AsyncClient) -> None:
    """Node.js writes `|trace.span.`, the OpenCensus or OpenTelemetry service behind it the bare span."""
    made = call("shop", SHOP, "billing:80")
    served = request("billing", BILLING)
    operation_id = made["tags"]["ai.operation.id"]
    served["tags"] |= {"ai.operation.id": operation_id, "ai.operation.parentId": operation_id[-16:]}
    assert await edges(client, made, served) == {("role:shop", "role:billing")}


async def test_what_sdks_call_http_in_different_ways_is_one_node(client: httpx.AsyncClient) -> None:
    others = [call(role, SHOP, "stock:80") for role in ("shop", "billing", "returns")]
    for made, spelling in zip(others, ("HTTP", "Http", "Http (tracked component)"), strict=True):
        made["data"]["baseData"]["type"] = spelling
    found = await edges(client, *others)
    assert {target for _, target in found} == {"dependency:HTTP|stock:80"}
