"""HTTP client of a mesh, in processes or in containers: enter values, read transactions and the map."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx


class MeshClient:
    """The frontend and the portal of a mesh, over HTTP."""

    def __init__(self, frontend_url: str, insights_url: str) -> None:
        # The services close idle connections after 5 s. A request on a connection that is just closed would fail.
        limits = httpx.Limits(keepalive_expiry=2)
        self.frontend = httpx.Client(base_url=frontend_url, timeout=10, limits=limits, trust_env=False)
        self.insights = httpx.Client(base_url=insights_url, timeout=10, limits=limits, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self.frontend.close()
        self.insights.close()

    def enter(self, value: str) -> httpx.Response:
        """Enter a value at the frontend."""
        return self.frontend.post("/values", json={"value": value})

    def enter_all(self, values: list[str], clients: int) -> list[httpx.Response]:
        """Enter values with this number of concurrent clients."""
        with ThreadPoolExecutor(clients) as pool:
            return list(pool.map(self.enter, values))

    def transaction(self, operation_id: str) -> list[dict[str, Any]]:
        """Return the items of an operation, in tree order; none while nothing was received."""
        response = self.insights.get(f"/transaction/{operation_id}.json")
        if response.status_code == httpx.codes.NOT_FOUND:
            return []
        items: list[dict[str, Any]] = response.raise_for_status().json()["items"]
        return items

    def application_map(self, began: datetime) -> dict[str, Any]:
        """Return the map of the time since `began`."""
        query = {"from": began.isoformat(), "to": datetime.now(UTC).isoformat()}
        found: dict[str, Any] = self.insights.get("/map.json", params=query).raise_for_status().json()
        return found

    def edges(self, began: datetime) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the edges of the map since `began`, by the names of their ends: roles, `MySQL` for the database."""
        application_map = self.application_map(began)
        names = {
            node["id"]: node["type"] if node["kind"] == "dependency" else node["name"]
            for node in application_map["nodes"]
        }
        return {(names[edge["source"]], names[edge["target"]]): edge for edge in application_map["edges"]}
