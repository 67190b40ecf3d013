"""Filters, groups and large maps in Chromium."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from local_insights.app import create_app
from local_insights.model.call_rows import AvailabilityRow, LinkRow, PageViewRow
from local_insights.settings import Settings
from local_insights.store.duckdb.store import DuckDBStore
from support.browser_pages import OpenPage, serving
from support.fake_store import MESH, FakeStore, statistics, stocked_store
from support.graph_telemetry import Graph, generated_graph, graph_items, stored_graph
from support.items import HOUR_US, NOON_US

REFRESH_MS = 5_000
SCREENS = {"light": ("light", 1440), "dark": ("dark", 1440), "narrow": ("light", 390)}
POSITIONS = """[...document.querySelectorAll('.stage .node')].map(
    ({dataset}) => [dataset.node, dataset.x, dataset.y])"""


@pytest.fixture
def store() -> FakeStore:
    store = stocked_store(1_769_860_800_000_000)
    hosts = (LinkRow("frontend", None, "HTTP", f"host-{number}", statistics(5, 0, 9)) for number in range(4))
    itself = LinkRow("echo", "echo", "HTTP", "127.0.0.1:8001", statistics(40, 0, 2))
    queue = LinkRow("storage", None, "Queue Message | Azure Service Bus", "bus/orders", statistics(120, 0, 4))
    store.map_rows = replace(
        MESH,
        links=(*MESH.links, *hosts, itself, queue),
        page_views=(PageViewRow("(browser) shop", statistics(40, 0, 900)),),
        availability=(AvailabilityRow("home page", "frontend", statistics(120, 1, 80)),),
    )
    return store


@pytest.fixture
def url(store: FakeStore) -> Iterator[str]:
    with serving(create_app(Settings(), store)) as address:
        yield address


def test_filter_is_added_by_the_form_and_removed_by_its_chip(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?since=4h")
    page.locator("#filters summary").click()
    page.get_by_label("Show only").select_option("Failed % ≥")
    page.get_by_label("Value").fill("5")
    page.keyboard.press("Enter")
    expect(page.locator(".stage .node")).to_have_count(3)
    page.locator("#filters summary").click()
    page.get_by_label("Show only").select_option("Name excludes")
    page.get_by_label("Value").fill("mysql")
    page.locator(".popover").get_by_role("button", name="Apply").click()
    expect(page.locator(".stage .node")).to_have_count(2)
    page.get_by_role("link", name="Remove: failed ≥ 5 %").click()
    expect(page.locator(".chips li")).to_have_count(1)
    expect(page.locator(".stage .node")).to_have_count(11)
    assert "since=4h" in page.url


def test_filters_work_without_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map", java_script_enabled=False)
    page.locator("#filters summary").click()
    page.get_by_label("Value").fill("stor")
    page.locator(".popover").get_by_role("button", name="Apply").click()
    expect(page.locator(".stage .node")).to_have_count(1)
    page.get_by_role("link", name="Remove: name contains stor").click()
    expect(page.locator(".stage .node")).to_have_count(12)


def test_open_filter_form_and_its_input_survive_a_refresh(open_url: OpenPage, url: str, store: FakeStore) -> None:
    page = open_url(f"{url}/map")
    page.locator("#filters summary").click()
    page.get_by_label("Value").press_sequentially("half a wo")
    store.map_rows = MESH
    page.clock.fast_forward(REFRESH_MS)
    expect(page.locator(".stage .node")).to_have_count(5)
    expect(page.get_by_label("Value")).to_have_value("half a wo")
    expect(page.locator(".popover")).to_be_visible()


def test_group_is_expanded_and_collapsed(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?group=always")
    page.locator('.stage .node[data-node="group:HTTP|frontend"]').click()
    expect(page.locator("#panel-name")).to_have_text("4 HTTP")
    page.get_by_role("link", name="Ungroup").click()
    expect(page.locator('.stage .node[data-node="dependency:HTTP|host-2"]')).to_be_visible()
    page.get_by_role("link", name="Remove: HTTP called by frontend: not grouped").click()
    expect(page.locator('.stage .node[data-node="group:HTTP|frontend"]')).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_all_node_kinds_and_controls_are_accessible(open_url: OpenPage, url: str, screen: str) -> None:
    scheme, width = SCREENS[screen]
    page = open_url(f"{url}/map", color_scheme=scheme, viewport={"width": width, "height": 900})
    found = {}
    for path in (
        "/map?filter=calls+>%3D+1&node=availability:home+page",
        "/map?group=always&node=group:HTTP%7Cfrontend",
        "/map?filter=calls+>%3D+99999",
        "/map?node=role:(browser)+shop&view=table",
    ):
        page.goto(url + path)
        page.locator("#filters summary").evaluate("summary => summary.parentElement.open = true")
        found[path] = Axe().run(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        box = page.locator(".popover").bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= width, path
    assert {name: result.generate_report() for name, result in found.items() if result.violations_count} == {}


HOUR = "from=2026-11-23T12:00:00Z&to=2026-11-23T13:00:00Z"
APPLICATIONS = {
    "shop": stored_graph("shop30"),
    "two hundred": stored_graph("dag200"),
    "a thousand": generated_graph(1_000),
}


@pytest.fixture
def serve_graph(tmp_path: Path) -> Iterator[Callable[[Graph], str]]:
    """Return a function that serves the portal with the telemetry of a graph in the hour after noon."""
    with ExitStack() as opened, ThreadPoolExecutor(1) as executor:

        def serve(graph: Graph) -> str:
            store = DuckDBStore(tmp_path)
            opened.callback(store.close)
            items = list(graph_items(graph, NOON_US + HOUR_US // 2))
            executor.submit(lambda: asyncio.run(store.append(items))).result()
            return opened.enter_context(serving(create_app(Settings(), store)))

        yield serve


@pytest.mark.parametrize("name", APPLICATIONS)
def test_maps_of_all_sizes_are_complete_and_stable(
    open_url: OpenPage, serve_graph: Callable[[Graph], str], name: str
) -> None:
    graph = APPLICATIONS[name]
    page = open_url(f"{serve_graph(graph)}/map?group=never&{HOUR}")
    expect(page.locator(".stage .node")).to_have_count(len(graph.kinds))
    expect(page.locator(".stage .edge")).to_have_count(len(graph.connectors))
    positions = page.evaluate(POSITIONS)
    with page.expect_response("**/map?*"):
        page.clock.fast_forward(REFRESH_MS)
    page.locator(".stage .node").first.wait_for()
    assert page.evaluate(POSITIONS) == positions


def test_names_of_1000_nodes_are_visible_where_there_is_space(
    open_url: OpenPage, serve_graph: Callable[[Graph], str]
) -> None:
    page = open_url(f"{serve_graph(APPLICATIONS['a thousand'])}/map?{HOUR}")
    failing = page.locator(".stage .node-error .node-name").first
    healthy = page.locator(".stage .node-ok .node-name").first
    expect(failing).to_be_visible()
    expect(healthy).to_be_hidden()
    page.locator(".stage .node-ok").first.focus()
    expect(healthy).to_be_visible()
    for _ in range(12):
        page.keyboard.press("+")
    page.get_by_role("button", name="Zoom in").focus()
    expect(healthy).to_be_visible()


COVERED = """() => {
    const boxes = [...document.querySelectorAll(".stage :is(.node-name, .label-short)")]
        .filter((word) => word.checkVisibility({ visibilityProperty: true }))
        .map((word) => ({ text: word.textContent, box: word.getBoundingClientRect() }))
        .filter(({ box }) => box.width);
    return [boxes.length, boxes.flatMap((one, index) => boxes.slice(index + 1)
        .filter(({ box }) => one.box.left < box.right && box.left < one.box.right
            && one.box.top < box.bottom && box.top < one.box.bottom)
        .map((other) => `${one.text} and ${other.text}`))];
}"""
STAGE_SHARE = """() => {
    const discs = [...document.querySelectorAll(".stage .node-disc")].map((disc) => disc.getBoundingClientRect());
    const stage = document.querySelector(".stage").getBoundingClientRect();
    const [left, top] = ["left", "top"].map((side) => Math.min(...discs.map((disc) => disc[side])));
    const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...discs.map((disc) => disc[side])));
    return [(right - left) / stage.width, (bottom - top) / stage.height];
}"""
PHONE = {"width": 390, "height": 844}


def test_1000_nodes_fill_the_screen_without_overlapping_names(
    open_url: OpenPage, serve_graph: Callable[[Graph], str]
) -> None:
    page = open_url(f"{serve_graph(APPLICATIONS['a thousand'])}/map?group=never&{HOUR}")
    expect(page.locator(".stage .crowded").first).to_be_attached()
    width, height = page.evaluate(STAGE_SHARE)
    assert width > 0.75
    assert height > 0.75
    words, covered = page.evaluate(COVERED)
    assert covered == []
    assert words > page.locator(".stage .node-error").count()


def test_names_do_not_overlap_on_a_phone_and_appear_on_focus(
    open_url: OpenPage, serve_graph: Callable[[Graph], str]
) -> None:
    page = open_url(f"{serve_graph(APPLICATIONS['shop'])}/map?{HOUR}", viewport=PHONE)
    expect(page.locator(".stage .crowded").first).to_be_attached()
    words, covered = page.evaluate(COVERED)
    assert covered == []
    assert words >= 12
    crowded = page.locator(".stage .node.crowded").first
    expect(crowded.locator(".node-name")).to_be_hidden()
    crowded.focus()
    expect(crowded.locator(".node-name")).to_be_visible()


def test_zooming_in_shows_all_names(open_url: OpenPage, serve_graph: Callable[[Graph], str]) -> None:
    page = open_url(f"{serve_graph(APPLICATIONS['shop'])}/map?{HOUR}", viewport=PHONE)
    expect(page.locator(".stage .crowded").first).to_be_attached()
    for _ in range(8):
        page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".stage .node-name").first).to_be_visible()
    assert page.locator(".stage .node-name >> visible=true").count() == len(APPLICATIONS["shop"].kinds)
