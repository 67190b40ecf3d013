"""The map page in Chromium: pointer, keyboard, refresh, and without JavaScript."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from local_insights.app import create_app
from local_insights.model.call_rows import CallRows, LinkRow, RoleRow
from local_insights.model.summaries import StoreStats
from local_insights.settings import Settings
from local_insights.store.contract import QueryTimeoutError
from support.browser_pages import OpenPage, serving
from support.fake_store import MESH, NOTHING, FakeStore, statistics, stocked_store

REFRESH_MS = 5_000
MAX_LAYOUT_SHIFT = 0.001
"""Layout shift of a number with one more digit; the shift of a panel or map that moves is a hundred times larger."""
VIEW_BOX = "document.querySelector('.stage > svg').getAttribute('viewBox')"
POSITIONS = """[...document.querySelectorAll('.stage .node')].map(node => {
    const box = node.querySelector('.node-disc').getBoundingClientRect();
    return [node.dataset.node, Math.round(box.x), Math.round(box.y)].join(' ');
}).sort()"""


@pytest.fixture
def store() -> FakeStore:
    return stocked_store(1_769_860_800_000_000)


@pytest.fixture
def url(store: FakeStore) -> Iterator[str]:
    with serving(create_app(Settings(), store)) as address:
        yield address


def node(page: Page, name: str) -> Locator:
    return page.locator(f'.stage .node[data-node="role:{name}"]')


def mark(page: Page) -> None:
    """Set a variable that a reload of the page would reset."""
    page.evaluate("window.notReloaded = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.notReloaded === true"))


def busier(rows: CallRows) -> CallRows:
    return replace(
        rows, links=tuple(replace(link, statistics=link.statistics + link.statistics) for link in rows.links)
    )


def test_clicking_a_node_opens_its_panel_without_a_reload(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?since=4h")
    mark(page)
    node(page, "storage").click()
    expect(page.locator("#panel-name")).to_have_text("storage")
    expect(page).to_have_url(f"{url}/map?since=4h&node=role%3Astorage")
    expect(page.locator(".stage .node.selected")).to_have_attribute("data-node", "role:storage")
    assert is_marked(page)
    page.reload()
    expect(page.locator("#panel-name")).to_have_text("storage")


def test_panel_links_to_peers_and_the_back_button_returns(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?node=role:storage")
    mark(page)
    page.locator("#panel").get_by_role("link", name="frontend").click()
    expect(page.locator("#panel-name")).to_have_text("frontend")
    page.go_back()
    expect(page.locator("#panel-name")).to_have_text("storage")
    assert is_marked(page)


def test_escape_closes_the_panel_and_focuses_the_node(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    node(page, "echo").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_have_count(0)
    expect(node(page, "echo")).to_be_focused()
    expect(page).to_have_url(f"{url}/map?since=1h")


def test_map_is_one_tab_stop_and_arrow_keys_move_between_nodes(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    assert page.locator('.stage .node[tabindex="0"]').count() == 1
    node(page, "frontend").focus()
    for key, name in (("ArrowRight", "echo"), ("ArrowDown", "storage"), ("ArrowLeft", "frontend")):
        page.keyboard.press(key)
        expect(node(page, name)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('.stage .node[data-node="client:client"]')).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('.stage .node[data-node="client:client"]')).to_be_focused()


def test_refresh_updates_statistics_without_moving_nodes(open_url: OpenPage, url: str, store: FakeStore) -> None:
    page = open_url(f"{url}/map?node=role:storage")
    page.evaluate(
        """window.shifts = 0;
        new PerformanceObserver(list => list.getEntries().forEach(entry => window.shifts += entry.value))
            .observe({type: 'layout-shift'})"""
    )
    node(page, "echo").focus()
    page.keyboard.press("+")
    page.locator("#panel").evaluate("panel => panel.scrollTop = 120")
    before = page.evaluate(VIEW_BOX), page.evaluate(POSITIONS)
    store.map_rows = busier(MESH)
    page.clock.fast_forward(REFRESH_MS)
    expect(page.locator(".labels")).to_contain_text("1,850 calls")
    assert (page.evaluate(VIEW_BOX), page.evaluate(POSITIONS)) == before
    expect(node(page, "echo")).to_be_focused()
    assert page.locator("#panel").evaluate("panel => panel.scrollTop") == 120
    assert page.evaluate("window.shifts") < MAX_LAYOUT_SHIFT
    assert page.locator('.stage .node[tabindex="0"]').count() == 1


def test_new_node_is_visible(open_url: OpenPage, url: str, store: FakeStore) -> None:
    page = open_url(f"{url}/map")
    late = LinkRow("echo", None, "Redis", "cache:6379", statistics(5, 0, 1))
    store.map_rows = replace(MESH, links=(*MESH.links, late))
    page.clock.fast_forward(REFRESH_MS)
    appeared = page.locator('.stage .node[data-node="dependency:Redis|cache:6379"]')
    expect(appeared).to_be_in_viewport(ratio=1)


def test_refresh_can_be_switched_off(open_url: OpenPage, url: str, store: FakeStore) -> None:
    page = open_url(f"{url}/map")
    page.get_by_label("Refresh every 5 s").uncheck()
    queries = len(store.queries)
    page.clock.fast_forward(3 * REFRESH_MS)
    page.get_by_label("Refresh every 5 s").check()
    assert len(store.queries) == queries
    with page.expect_response(f"{url}/map"):
        page.clock.fast_forward(REFRESH_MS)


def test_failed_refresh_shows_an_error_and_the_last_map(open_url: OpenPage, url: str, store: FakeStore) -> None:
    page = open_url(f"{url}/map")
    store.error = QueryTimeoutError("too slow")
    page.clock.fast_forward(REFRESH_MS)
    status = page.locator("#refresh-error")
    expect(status).to_contain_text("The server responded with status 503")
    expect(node(page, "storage")).to_be_visible()
    store.error = None
    page.clock.fast_forward(REFRESH_MS)
    expect(status).to_be_hidden()


def test_zoom_by_button_key_and_wheel(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    fitted = page.evaluate(VIEW_BOX)

    def width() -> float:
        return float(page.evaluate(VIEW_BOX).split()[2])

    whole = width()
    page.get_by_role("button", name="Zoom in").click()
    assert width() == pytest.approx(whole / 1.25, rel=0.01)
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert width() == pytest.approx(whole * 1.25, rel=0.01)
    page.keyboard.press("0")
    assert page.evaluate(VIEW_BOX) == fitted
    page.locator(".stage").hover()
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"{VIEW_BOX} !== '{fitted}'")
    assert width() < whole
    page.get_by_role("button", name="Fit").click()
    assert page.evaluate(VIEW_BOX) == fitted


def test_dragging_moves_the_map_without_opening_a_panel(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    box = node(page, "storage").locator(".node-disc").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y - 40, steps=4)
    page.mouse.up()
    moved = node(page, "storage").locator(".node-disc").bounding_box()
    assert moved is not None
    assert (moved["x"], moved["y"]) == pytest.approx((box["x"] - 80, box["y"] - 40), abs=1)
    expect(page.locator("#panel")).to_have_count(0)


def test_shift_and_arrow_keys_pan(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    left = float(page.evaluate(VIEW_BOX).split()[0])
    page.keyboard.press("Shift+ArrowRight")
    assert float(page.evaluate(VIEW_BOX).split()[0]) > left


def test_small_zoom_hides_details_and_preserves_the_name_size(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    expect(page.locator(".node-summary").first).to_be_visible()
    for _ in range(4):
        page.keyboard.press("-")
    expect(page.locator(".node-summary").first).to_be_hidden()
    expect(page.locator(".label-short").first).to_be_visible()
    height = page.locator(".node-name").first.evaluate("name => name.getBoundingClientRect().height")
    assert 11 <= height <= 17


def test_hovering_a_node_dims_unconnected_nodes(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    node(page, "echo").hover()
    expect(node(page, "storage")).to_have_css("opacity", "0.2")
    expect(node(page, "frontend")).to_have_css("opacity", "1")
    page.mouse.move(5, 5)
    expect(node(page, "storage")).to_have_css("opacity", "1")


def test_slash_key_selects_the_focus_box(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map")
    page.keyboard.press("/")
    page.keyboard.type("echo")
    page.keyboard.press("Enter")
    expect(page.locator(".stage .node")).to_have_count(2)
    page.get_by_role("link", name="Show all").click()
    expect(page.locator(".stage .node")).to_have_count(5)


def test_theme_follows_the_system_until_switched(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map", color_scheme="light")
    canvas = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(canvas) == "rgb(246, 247, 249)"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(canvas) == "rgb(18, 22, 27)"
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Dark mode").click()
    assert page.evaluate(canvas) == "rgb(18, 22, 27)"
    page.reload()
    assert page.evaluate(canvas) == "rgb(18, 22, 27)"
    expect(page.get_by_role("button", name="Dark mode")).to_have_attribute("aria-pressed", "true")


def test_changing_the_time_range_preserves_the_other_parameters(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map?view=table&node=role:echo")
    page.get_by_label("Time range").select_option("4h")
    page.wait_for_url("**/map?*since=4h*")
    assert "view=table" in page.url
    assert "node=role%3Aecho" in page.url


def test_empty_map_shows_the_first_request(open_url: OpenPage, url: str, store: FakeStore) -> None:
    store.map_rows, store.store_stats = NOTHING, StoreStats(0, None, None)
    page = open_url(f"{url}/map", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"IngestionEndpoint={url};LiveEndpoint={url}" in copied
    store.map_rows = MESH
    page.clock.fast_forward(REFRESH_MS)
    expect(page.locator(".stage .node")).to_have_count(5)
    expect(node(page, "echo")).to_be_in_viewport()


def test_map_works_without_javascript(open_url: OpenPage, url: str) -> None:
    page = open_url(f"{url}/map", java_script_enabled=False)
    node(page, "storage").locator(".node-disc").click()
    expect(page.locator("#panel-name")).to_have_text("storage")
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#panel")).to_have_count(0)
    page.get_by_role("link", name="Table", exact=True).click()
    expect(page.get_by_role("cell", name="155 ms").first).to_be_visible()
    page.get_by_label("Time range").select_option("4h")
    page.locator(".time-range").get_by_role("button", name="Apply").click()
    expect(page).to_have_url(f"{url}/map?view=table&since=4h")


def test_refresh_of_200_components_has_no_long_task(open_url: OpenPage, url: str, store: FakeStore) -> None:
    names = [f"service-{number:03}" for number in range(200)]
    store.map_rows = CallRows(
        roles=tuple(RoleRow(name, 1, statistics(50, number % 9 == 0, 20)) for number, name in enumerate(names)),
        links=tuple(
            LinkRow(names[(number - 1) // 3], name, "HTTP", name, statistics(50, 0, 20))
            for number, name in enumerate(names)
            if number
        ),
        root_requests=(),
        missing_parents=(),
    )
    page = open_url(f"{url}/map")
    expect(page.locator(".stage .node")).to_have_count(200)
    page.evaluate(
        """window.longest = 0;
        new PerformanceObserver(list => list.getEntries().forEach(({duration}) => {
            window.longest = Math.max(window.longest, duration);
        })).observe({type: 'longtask'})"""
    )
    store.map_rows = busier(store.map_rows)
    page.clock.fast_forward(REFRESH_MS)
    expect(page.locator('.stage .edge[data-target="role:service-001"] title')).to_contain_text("100 calls")
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate("window.longest") < 500
