"""Runs programs that send telemetry with a real SDK, and finds their items in the server."""

import html
import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from support.insights_process import Insights
from support.polling import eventually

PROGRAMS = Path(__file__).parents[1] / "sdk" / "programs"
QUIET = {
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATION_INSIGHTS_NO_STATSBEAT": "true",
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "otel",
}
"""Disables the statistics that SDKs send about themselves."""
ARRIVES_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Sent:
    """The items that a program sent, by its own output: fields with the names of /search.json.

    Items belong to the operation, unless they have another `operation_id`.
    """

    operation_id: str
    items: list[dict[str, Any]]
    metrics: list[str]


@contextmanager
def running(
    command: Sequence[str | Path], environment: Mapping[str, str], cwd: Path = PROGRAMS
) -> Iterator[dict[str, Any]]:
    """Run a program and yield its first output line, JSON. After the block, the program must exit with code 0."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **QUIET, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("{"), process.communicate(timeout=30)
        yield json.loads(line)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=30)


def sent_by(command: Sequence[str | Path], environment: Mapping[str, str], cwd: Path = PROGRAMS) -> Sent:
    """Run a program to its end and return what it sent."""
    with running(command, environment, cwd) as output:
        pass
    return Sent(**output)


def pointing_to(insights: Insights, *, tls: bool = False) -> dict[str, str]:
    """Return the environment variables that point every SDK to a server; with `tls`, Azure's SDKs use TLS."""
    connection_string = insights.connection_string
    return {
        "APPLICATIONINSIGHTS_CONNECTION_STRING": connection_string.replace(insights.url, insights.tls_url)
        if tls
        else connection_string,
        "OTEL_EXPORTER_OTLP_ENDPOINT": insights.url,
        "NODE_EXTRA_CA_CERTS": str(insights.data / "tls" / "certificate.pem"),
    }


class Portal:
    """The pages and JSON endpoints of the server."""

    def __init__(self, insights: Insights) -> None:
        self._client = httpx.Client(base_url=insights.url, trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def json(self, path: str, **parameters: str) -> dict[str, Any]:
        found: dict[str, Any] = self._client.get(path, params=parameters or None).raise_for_status().json()
        return found

    def page(self, path: str, **parameters: str) -> str:
        return self._client.get(path, params=parameters or None).raise_for_status().text

    def items(self, role: str) -> list[dict[str, Any]]:
        """Return the newest items of a role (first page of the search)."""
        found: list[dict[str, Any]] = self.json("/search.json", since="1h", role=role)["items"]
        return found

    def await_items(self, role: str, expected: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Wait until all expected items of a role have arrived; fail with the missing ones."""
        missing: list[dict[str, Any]] = []

        def have_arrived() -> bool:
            found = self.items(role)
            missing[:] = [fields for fields in expected if not any(fields.items() <= item.items() for item in found)]
            return not missing

        try:
            eventually(have_arrived, ARRIVES_WITHIN_S)
        except AssertionError:
            raise AssertionError({"missing": missing, "found": self.items(role)}) from None
        return self.items(role)

    def assert_shown(self, role: str, sent: Sent) -> None:
        """Assert that every item is in the search, in its transaction, and in the details behind its search link."""
        found = self.await_items(role, [*sent.items, *({"name": name} for name in sent.metrics)])
        placed = self.json(f"/transaction/{sent.operation_id}.json")["items"]
        listed = self.page("/search", since="1h", role=role)
        for name in sent.metrics:
            assert html.escape(name, quote=False) in listed
        for fields in sent.items:
            item = next(item for item in found if fields.items() <= item.items())
            title = (item["name"] or item["message"] or item["item_type"]).partition("\n")[0]
            assert html.escape(title, quote=False) in listed
            if "operation_id" in fields:
                continue
            assert item["operation_id"] == sent.operation_id, item
            assert any(fields.items() <= step.items() for step in placed), fields
            assert title in self._details(listed, item), item

    def _details(self, listed: str, item: dict[str, Any]) -> str:
        """Return the details behind the search link of an item."""
        assert f'href="{item["link"]}"' in listed
        return html.unescape(self.page(item["link"]).partition('id="details"')[2])
