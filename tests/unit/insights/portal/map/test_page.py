import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from local_insights.model.item import Item, ItemType
from local_insights.model.selection import Selection
from local_insights.model.summaries import StoreStats
from local_insights.portal.map.node_details import CHART_STEPS
from local_insights.store.contract import QueryFailedError, QueryTimeoutError
from support.fake_store import MESH, MYSQL, NOTHING, FakeStore
from support.items import item
from support.portal_pages import PageResponse

Get = Callable[..., PageResponse]
NOW_US = 1_769_868_000_000_000
"""The current time of the portal under test."""
MYSQL_ID = f"dependency:MySQL|{MYSQL}"


def state(href: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}


@pytest.mark.parametrize("path", ["/", "/map"])
def test_every_component_is_a_link_to_its_panel(get: Get, path: str) -> None:
    page = get(path)
    assert page.status == 200
    nodes = {node.attributes["data-node"]: state(node.attributes["href"]) for node in page.all("a", class_="node")}
    assert set(nodes) == {"client:client", "role:echo", "role:frontend", "role:storage", MYSQL_ID}
    assert all(query["node"] == node_id for node_id, query in nodes.items())


def test_links_preserve_time_range_and_focus(get: Get) -> None:
    page = get("/map?since=4h&focus=storage&hops=2")
    node = page.one("a", data_node="role:storage")
    assert state(node.attributes["href"]) == {"since": "4h", "focus": "storage", "hops": "2", "node": "role:storage"}


def test_without_a_selected_node_there_is_no_panel_and_no_query_for_it(get: Get, store: FakeStore) -> None:
    assert not get("/map").all("aside")
    assert [name for name, _ in store.queries] == ["call_rows"]


def test_panel_has_the_statistics_of_the_node(get: Get) -> None:
    panel = get("/map?node=role:storage").one("aside", id="panel")
    for text in (
        "storage",
        "service · 1 instance",
        "931",
        "155 ms",
        "6.6 %",
        "Calls to",
        MYSQL,
        "Called by",
        "frontend",
    ):
        assert text in panel.text


def served(name: str, calls: int, duration_ms: float, *, success: bool = True) -> Item:
    return item(
        role="storage",
        name=name,
        item_count=calls,
        time_us=NOW_US - 1,
        duration_us=round(1000 * duration_ms),
        success=success,
    )


def test_panel_lists_slowest_and_failing_operations(get: Get, store: FakeStore) -> None:
    store.items = {
        "": [
            served("GET /values", 956, 44),
            served("GET /values", 2, 40, success=False),
            served("POST /values", 839, 181),
            served("POST /values", 61, 450, success=False),
            served("GET /healthz", 120, 0.5),
            item(role="echo", name="POST /echo", time_us=NOW_US - 1, duration_us=9_000_000, success=False),
        ]
    }
    lines = [
        " ".join(line.text.split()) for line in get("/map?node=role:storage").all("li") if "title" in line.attributes
    ]
    assert lines[:3] == ["POST /values 451 ms", "GET /values 44 ms", "GET /healthz 0.5 ms"]
    assert lines[3:5] == ["POST /values 61 of 900", "GET /values 2 of 958"]


def test_panel_links_to_transactions_of_the_node(get: Get) -> None:
    page = get("/map?since=4h&node=role:storage")
    links = {link.text: state(link.attributes["href"]) for link in page.all("a", class_="button")}
    assert links["Transactions"] == {"since": "4h", "node": "role:storage"}
    assert links["Failed transactions"] == {"since": "4h", "node": "role:storage", "failed": "1"}


def test_panel_links_to_failures_and_performance(get: Get) -> None:
    def links_of(node: str) -> dict[str, str]:
        buttons = get(f"/map?since=4h&node={node}").all("a", class_="button")
        return {button.text: button.attributes["href"] for button in buttons}

    links = links_of("role:storage")
    for words, path in (("Investigate failures", "/failures"), ("Investigate performance", "/performance")):
        assert urlsplit(links[words]).path == path
        assert state(links[words]) == {"since": "4h", "role": "storage"}
    assert state(links_of(MYSQL_ID)["Investigate failures"]) == {
        "since": "4h",
        "tab": "dependencies",
        "type": "MySQL",
        "target": MYSQL,
    }


def test_dependency_is_queried_by_type_and_target(get: Get, store: FakeStore) -> None:
    panel = get(f"/map?node={MYSQL_ID}").one("aside", id="panel")
    assert "MySQL dependency" in panel.text
    selections = {arguments[0] for name, arguments in store.queries if name in {"groups", "trend"}}
    assert selections == {Selection(ItemType.DEPENDENCY, dependency_type="MySQL", target=MYSQL)}


def test_panel_has_a_duration_chart_if_durations_are_known(get: Get, store: FakeStore) -> None:
    store.items = {"": [served("GET /values", 19, 100), served("GET /values", 1, 400)]}
    chart = get("/map?node=role:storage").one("svg", class_="chart")
    assert chart.attributes["aria-label"] == "Duration over time: p95 up to 100 ms, p50 up to 100 ms."
    store.items = {"": [served("GET /values", 20, 100)._replace(duration_us=None)]}
    assert not get("/map?node=role:storage").all("svg", class_="chart")


def test_chart_of_the_panel_connects_consecutive_steps(get: Get, store: FakeStore) -> None:
    step_us = 3_600_000_000 // CHART_STEPS
    items = [served("GET /values", 1, 100)._replace(time_us=NOW_US - 1 - step * step_us) for step in range(3)]
    store.items = {"": items}
    page = get("/map?node=role:storage")
    assert not page.all("circle", r="2.5")
    lines = [path.attributes["d"] for path in page.all("path", vector_effect="non-scaling-stroke")]
    assert [line.count(" ") for line in lines] == [5, 5]


def test_panel_of_the_client_needs_no_store_query(get: Get, store: FakeStore) -> None:
    panel = get("/map?node=client:client").one("aside", id="panel")
    assert "1,860" in panel.text
    assert [name for name, _ in store.queries] == ["call_rows"]


def test_close_link_preserves_the_other_parameters(get: Get) -> None:
    close = get("/map?since=4h&focus=echo&node=role:echo").one("a", id="close")
    assert state(close.attributes["href"]) == {"since": "4h", "focus": "echo", "hops": "1"}


def test_panel_of_a_node_that_is_not_on_the_map(get: Get) -> None:
    page = get("/map?node=role:retired")
    assert page.status == 200
    assert "not on the map in the last hour" in page.one("aside", id="panel").text
    assert "Select a longer time range." in page.one("aside", id="panel").text
    assert page.all("a", class_="node")


def test_table_is_sorted_by_failed_percentage(get: Get) -> None:
    page = get("/map?view=table")
    assert not page.all("a", class_="node")
    rows = [row.text.split() for row in page.all("tr") if "%" in row.text]
    assert [row[0] for row in rows[:4]] == ["storage", "frontend", "client", "frontend"]
    assert "6.9" in rows[0]
    assert len(rows) == 4 + 5


def test_focus_applies_to_all_formats(get: Get) -> None:
    page = get("/map?focus=echo")
    assert {node.attributes["data-node"] for node in page.all("a", class_="node")} == {"role:echo", "role:frontend"}
    link = next(link for link in page.all("a") if link.text == "JSON")
    assert {node["name"] for node in json.loads(get(link.attributes["href"]).content)["nodes"]} == {"echo", "frontend"}


def test_focus_without_a_match_shows_the_whole_map_and_an_alert(get: Get) -> None:
    page = get("/map?focus=unknown")
    assert "unknown" in page.one("div", role="alert").text
    assert len(page.all("a", class_="node")) == 5


def test_empty_store_shows_the_connection_string(get: Get, store: FakeStore) -> None:
    store.map_rows, store.store_stats = NOTHING, StoreStats(0, None, None)
    page = get("/map")
    assert "No telemetry yet" in page.text
    shown = page.one("pre", id="connection-string").text
    assert shown.startswith("export APPLICATIONINSIGHTS_CONNECTION_STRING=\\\n")
    assert "IngestionEndpoint=http://127.0.0.1:8080;LiveEndpoint=http://127.0.0.1:8080" in shown
    assert "insights demo" in page.text


@pytest.mark.parametrize(("age_s", "since"), [(2 * 3600, "4h"), (26 * 3600, "3d"), (40 * 86400, "41d")])
def test_empty_time_range_links_to_a_longer_one(get: Get, store: FakeStore, age_s: int, since: str) -> None:
    newest_us = 1_769_868_000_000_000 - age_s * 1_000_000
    store.map_rows, store.store_stats = NOTHING, StoreStats(7, newest_us - 1, newest_us)
    page = get("/map")
    assert "No requests in the last hour" in page.text
    assert f"/map?since={since}" in {link.attributes["href"] for link in page.all("a")}


def test_empty_table_has_the_empty_state(get: Get, store: FakeStore) -> None:
    store.map_rows = NOTHING
    assert "No requests in the last hour" in get("/map?view=table").text


@pytest.mark.parametrize("query", ["since=banana", "from=x", "view=pie", "hops=0", "hops=99"])
def test_invalid_query_is_an_error_page_with_the_expected_values(get: Get, query: str) -> None:
    page = get(f"/map?{query}")
    assert page.status == 400
    alert = page.one("div", role="alert").text
    assert query in alert
    assert "xpected" in alert
    assert page.one("select", id="since")


def test_query_timeout_page_suggests_a_shorter_range(get: Get, store: FakeStore) -> None:
    store.error = QueryTimeoutError("too slow")
    page = get("/map?since=7d&view=table")
    assert page.status == 503
    link = next(link for link in page.all("a") if link.text == "Show the last 3 days")
    assert state(link.attributes["href"]) == {"since": "3d", "view": "table"}


def test_failed_query_is_an_error_page_with_the_cause(get: Get, store: FakeStore) -> None:
    store.error = QueryFailedError("the file is damaged")
    page = get("/map")
    assert page.status == 503
    assert "the file is damaged" in page.one("div", role="alert").text


def test_notes_of_the_map_are_on_the_page(get: Get, store: FakeStore) -> None:
    matched, unmatched = MESH.links[1], replace(MESH.links[1], target_role=None)
    store.map_rows = replace(MESH, links=(*MESH.links, unmatched))
    assert matched.target_role == "storage"
    assert "attributed to storage" in get("/map").text


def test_time_range_form_preserves_the_other_parameters(get: Get) -> None:
    page = get("/map?since=4h&view=table&node=role:echo")
    hidden = {field.attributes["name"]: field.attributes["value"] for field in page.all("input", type="hidden")}
    assert hidden == {"view": "table", "node": "role:echo", "since": "4h"}
    assert [option.text.strip() for option in page.all("option", selected="") if "Last" in option.text] == [
        "Last 4 hours"
    ]


def test_navigation_preserves_the_time_range(get: Get) -> None:
    links = {link.text: link.attributes["href"] for link in get("/map?since=4h").all("a")}
    assert links["Transactions"] == "/transaction?since=4h"
    assert links["Application map"] == "/map?since=4h"


@pytest.mark.parametrize(
    ("at_us", "noted"), [(NOW_US + 61_000_000, True), (NOW_US + 59_000_000, False), (NOW_US - 1, False)]
)
def test_items_dated_in_the_future_have_a_note(store: FakeStore, get: Get, at_us: int, *, noted: bool) -> None:
    store.items["future"] = [item(time_us=at_us)]
    note = "1 item is dated in the future"
    assert [note in text for text in json.loads(get("/map.json").content)["notes"]].count(True) == noted
    assert (note in get("/map").text) is noted
    assert note not in get("/map?from=2026-01-01&to=2026-01-02").text


def test_role_of_several_applications_links_to_their_nodes(store: FakeStore, get: Get) -> None:
    keys = ("11111111-aaaa", "22222222-bbbb")
    store.map_rows = None
    store.items["two applications"] = [
        item(time_us=NOW_US - 1, role="Web", id=key, operation_id="", instrumentation_key=key) for key in keys
    ]
    panel = get("/map?node=role:Web")
    links = [link for link in panel.all("a") if link.text in {"Web (11111111)", "Web (22222222)"}]
    assert {state(link.attributes["href"])["node"] for link in links} >= {f"component:{key}|Web" for key in keys}
    assert "role of several applications" in panel.one("aside", id="panel").text
    assert "No calls" not in panel.one("aside", id="panel").text
    opened = get(f"/map?node=component:{keys[0]}|Web").one("aside", id="panel").text
    assert "Web (11111111)" in opened
    assert "not on the map" not in opened
    store.items["two applications"].pop()
    moved = get(f"/map?node=component:{keys[0]}|Web").one("aside", id="panel")
    assert "not on the map" in moved.text
    assert get("/map?node=role:Web").one("h2", id="panel-name").text == "Web"
