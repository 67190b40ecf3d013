"""Live Metrics of real SDKs: values are normalized for every SDK, and SDKs follow the configuration."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.insights_process import Insights
from support.polling import eventually
from support.sdk_programs import Portal, pointing_to, running, sent_by

WITHIN_S = 30
"""An SDK pings every 5 s after its start, and then reports every second."""
RATES = {"requests_per_second": 10, "failed_requests_per_second": 2, "calls_per_second": 10}
"""The maximum rates of the services. On a loaded machine, all rates are lower."""

Server = dict[str, Any]
Start = Callable[[], AbstractContextManager[Any]]


@pytest.fixture
def start_python(insights: Insights, opentelemetry_python: Path) -> Start:
    return lambda: running([opentelemetry_python, "live_service.py", "live-python"], pointing_to(insights))


@pytest.fixture
def start_javascript(insights: Insights, node_folder: Path) -> Start:
    environment = pointing_to(insights, tls=True)
    return lambda: running(["node", "live_service.mjs", "live-javascript"], environment, node_folder)


@pytest.fixture
def portal(insights: Insights) -> Iterator[Portal]:
    with Portal(insights) as portal:
        yield portal


def server_of(portal: Portal, role: str) -> Server:
    """Return the server in the list of the page; empty when it is not listed."""
    return next((server for server in portal.json("/live.json")["servers"] if server["role"] == role), {})


def live_json(portal: Portal, role: str) -> dict[str, Any]:
    return portal.json("/live.json", server=server_of(portal, role)["id"])


def newest(series: list[float | None]) -> list[float]:
    return [value for value in series if value]


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_server_reports_and_follows_the_configuration(
    insights: Insights, portal: Portal, language: str, request: pytest.FixtureRequest
) -> None:
    role = f"live-{language}"
    start: Start = request.getfixturevalue(f"start_{language}")
    with start(), httpx.Client(base_url=insights.url, trust_env=False) as page:
        eventually(lambda: server_of(portal, role).get("source") == "protocol", WITHIN_S)
        eventually(lambda: all(newest(live_json(portal, role)["series"][rate]) for rate in RATES), WITHIN_S)
        shown = live_json(portal, role)
        for rate, most in RATES.items():
            assert 0 < max(newest(shown["series"][rate])) <= most * 2, rate
        for duration in ("request_duration_ms", "call_duration_ms"):
            assert 19 <= min(newest(shown["series"][duration])) < 1000, duration
        assert newest(shown["series"]["memory_bytes"])[-1] > 10_000_000
        assert newest(shown["series"]["cpu_percent"])

        eventually(lambda: {"request", "trace"} <= {one["item_type"] for one in live_json(portal, role)["documents"]})
        documents = live_json(portal, role)["documents"]
        assert {one["result_code"] for one in documents if one["item_type"] == "request"} == {"500"}
        assert {one["name"] for one in documents if one["item_type"] == "trace"} == {"live message"}
        assert "live message" in portal.page("/live", server=server_of(portal, role)["id"])

        form = {"aggregate": "Average duration", "type": "Request"}
        condition = {"field": "Name", "predicate": "Contains", "value": "live"}
        assert page.post("/live/metrics", data=form | condition).status_code == 303
        (metric,) = live_json(portal, role)["custom_metrics"]
        eventually(lambda: newest(live_json(portal, role)["series"][metric["id"]]), WITHIN_S)
        assert 19 <= newest(live_json(portal, role)["series"][metric["id"]])[0] < 1000
        page.post("/live/metrics/remove", data={"id": metric["id"]})

        assert page.post("/live/feed", data={"Request": "all"}).status_code == 303
        eventually(lambda: any(one["result_code"] == "200" for one in live_json(portal, role)["documents"]), WITHIN_S)
        failures = {"Request": "failed", "Dependency": "failed", "Exception": "all", "Event": "all", "Trace": "all"}
        page.post("/live/feed", data=failures)
        assert portal.json("/live.json")["filter_errors"] == []


def test_opencensus_without_live_metrics_is_shown_from_its_telemetry(insights: Insights, portal: Portal) -> None:
    sent_by([sys.executable, "opencensus_every_type.py"], pointing_to(insights))
    eventually(lambda: server_of(portal, "oc-all").get("source") == "telemetry", WITHIN_S)
