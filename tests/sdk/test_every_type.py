"""Every type of telemetry of each SDK is stored with its id and shown on the pages."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.insights_process import Insights
from support.sdk_programs import Portal, pointing_to, sent_by


@pytest.fixture(scope="module")
def portal(insights: Insights) -> Iterator[Portal]:
    with Portal(insights) as portal:
        yield portal


def test_opencensus(insights: Insights, portal: Portal) -> None:
    sent = sent_by([sys.executable, "opencensus_every_type.py"], pointing_to(insights))
    portal.assert_shown("oc-all", sent)


@pytest.mark.parametrize("exporter", ["azure", "otlp"])
def test_opentelemetry_for_python(
    insights: Insights, portal: Portal, opentelemetry_python: Path, exporter: str
) -> None:
    sent = sent_by([opentelemetry_python, "opentelemetry_every_type.py", exporter], pointing_to(insights))
    portal.assert_shown(f"{exporter}-all", sent)


def test_azure_exporter_and_otlp_result_in_the_same_items(portal: Portal) -> None:
    """The items of Azure's exporter equal those that this server creates from OTLP, which have more properties.

    `code.*` attributes are excluded: only one of the two log exporters sends them.
    """
    fields = ("item_type", "name", "type", "target", "data", "result_code", "success", "severity", "message")

    def seen(role: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
        own = [item for item in portal.items(role) if item["item_type"] != "performanceCounter"]
        pairs = [({field: item[field] for field in fields}, item["properties"]) for item in own]
        return sorted(pairs, key=lambda pair: str(pair[0]))

    otlp, azure = seen("otlp-all"), seen("azure-all")
    assert [item for item, _ in otlp] == [item for item, _ in azure]
    for (item, more), (_, properties) in zip(otlp, azure, strict=True):
        expected = {(name, value) for name, value in properties.items() if not name.startswith("code.")}
        assert expected - set(more.items()) == set(), item


def test_applicationinsights_for_node(insights: Insights, portal: Portal, node_folder: Path) -> None:
    sent = sent_by(["node", "applicationinsights_every_type.js"], pointing_to(insights), node_folder)
    portal.assert_shown("node-all", sent)


@pytest.mark.parametrize("exporter", ["azure", "otlp"])
def test_opentelemetry_for_javascript(insights: Insights, portal: Portal, node_folder: Path, exporter: str) -> None:
    """Azure's distribution requires TLS; OpenTelemetry's own exporters send JSON."""
    sent = sent_by(["node", "opentelemetry_every_type.mjs", exporter], pointing_to(insights, tls=True), node_folder)
    portal.assert_shown(f"js-{exporter}-all", sent)
