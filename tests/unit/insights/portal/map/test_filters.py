"""Filters and groups of the map page: they are part of the URL and apply to all formats."""

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_insights.http.query_params import QueryError
from local_insights.model.call_rows import AvailabilityRow, CallRows, LinkRow, PageViewRow, RoleRow
from local_insights.model.item import ItemType
from local_insights.portal.map.filter_query import filter_text, read_filters
from local_insights.portal.map.page import MAX_ROWS
from local_insights.portal.map.visible_map import GROUPED_ABOVE, MAX_DRAWN
from support.fake_store import MESH, FakeStore, statistics
from support.portal_pages import PageResponse

Get = Callable[..., PageResponse]
GROUP = "group:HTTP|frontend"


def shown(page: PageResponse) -> set[str]:
    return {node.attributes["data-node"].partition(":")[2] for node in page.all("a", class_="node")}


def state(href: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(href).query)


def calling(hosts: int) -> CallRows:
    """Return the mesh with a frontend that also calls this number of hosts."""
    links = (LinkRow("frontend", None, "HTTP", f"host-{number:04}", statistics(5, 0, 9)) for number in range(hosts))
    return replace(MESH, links=(*MESH.links, *links))


def test_filters_of_the_url_apply_from_left_to_right(get: Get) -> None:
    assert shown(get("/map?filter=failed+>%3D+5")) == {"frontend", "storage", "MySQL|127.0.0.1:3306 | mesh"}
    page = get("/map?filter=failed+>%3D+5&filter=name+excludes+mysql")
    assert shown(page) == {"frontend", "storage"}
    assert [chip.text.split("✕")[0].strip() for chip in page.all("li", class_="pill")] == [
        "failed ≥ 5 %",
        "name excludes mysql",
    ]


def test_each_filter_has_a_link_that_removes_it(get: Get) -> None:
    page = get("/map?since=4h&filter=failed+>%3D+5&filter=calls+>%3D+p90&node=role:echo")
    links = [
        state(link.attributes["href"])
        for link in page.all("a")
        if link.attributes.get("aria-label", "").startswith("Remove")
    ]
    assert [link["filter"] for link in links] == [["calls >= p90"], ["failed >= 5"]]
    assert all(link["since"] == ["4h"] and link["node"] == ["role:echo"] for link in links)


def test_form_adds_a_filter_to_the_active_ones(get: Get) -> None:
    page = get("/map?filter=failed+>%3D+1&add=name+excludes&value=mysql&hops=1&group=auto")
    assert shown(page) == {"client", "frontend", "storage"}
    values = [field.attributes["value"] for field in page.all("input", name_="filter")]
    assert values[: len(values) // 2] == ["failed >= 1", "name excludes mysql"]


def test_form_without_a_value_adds_no_filter(get: Get) -> None:
    assert len(shown(get("/map?add=name+contains&value=+"))) == 5


def test_time_range_form_preserves_filters_and_groups(get: Get) -> None:
    page = get(f"/map?filter=failed+>%3D+1&filter=name+excludes+x&group=never&expand={quote(GROUP)}")
    fields = [(field.attributes["name"], field.attributes["value"]) for field in page.all("input", type="hidden")]
    assert fields[:4] == [
        ("filter", "failed >= 1"),
        ("filter", "name excludes x"),
        ("group", "never"),
        ("expand", GROUP),
    ]


@pytest.mark.parametrize("name", ["JSON", "SVG", "Mermaid", "DOT"])
def test_other_formats_have_the_same_filters(get: Get, name: str) -> None:
    page = get("/map?filter=name+excludes+echo")
    link = next(link.attributes["href"] for link in page.all("a") if link.text == name)
    text = get(link).text
    assert "storage" in text
    assert "echo" not in text


@pytest.mark.parametrize(
    "query",
    ["filter=speed+>%3D+5", "filter=failed+>+5", "filter=calls+>%3D+many", "filter=calls+>%3D+p0", "group=often"],
)
def test_invalid_filter_is_rejected_with_the_expected_syntax(get: Get, query: str) -> None:
    page = get(f"/map?{query}")
    assert page.status == 400
    assert "Expected" in page.one("div", role="alert").text
    assert get(f"/map.json?{query}").status == 400


def test_too_many_filters_are_rejected(get: Get) -> None:
    assert get("/map?" + "&".join(["filter=name+excludes+x"] * 21)).status == 400


def test_page_without_matching_components_links_to_the_unfiltered_map(get: Get) -> None:
    page = get("/map?filter=calls+>%3D+999999")
    assert "No matching components" in page.text
    link = next(link for link in page.all("a") if link.text == "Remove all filters")
    assert "filter" not in state(link.attributes["href"])


@given(st.text(max_size=30))
def test_filter_text_round_trip_property(text: str) -> None:
    try:
        filters = read_filters([text])
    except QueryError:
        return
    assert read_filters(map(filter_text, filters)) == filters


def test_dependencies_of_a_large_map_are_grouped(get: Get, store: FakeStore) -> None:
    store.map_rows = calling(GROUPED_ABOVE - 5)
    assert GROUP.partition(":")[2] not in shown(get("/map"))
    store.map_rows = calling(GROUPED_ABOVE - 4)
    assert len(shown(get("/map"))) == 6
    assert len(shown(get("/map?group=never"))) == GROUPED_ABOVE + 1


def test_small_map_is_grouped_on_request(get: Get, store: FakeStore) -> None:
    store.map_rows = calling(4)
    assert len(shown(get("/map"))) == 9
    document = json.loads(get("/map.json?group=always").content)
    (group,) = (node for node in document["nodes"] if node["kind"] == "group")
    assert (group["id"], group["name"], group["calls"]) == (GROUP, "4 HTTP", 20)
    assert group["members"] == [f"dependency:HTTP|host-{number:04}" for number in range(4)]


def test_panel_of_a_group_lists_its_members_and_links_to_the_ungrouped_map(get: Get, store: FakeStore) -> None:
    store.map_rows = calling(4)
    page = get(f"/map?group=always&node={quote(GROUP)}")
    panel = page.one("aside", id="panel").text
    assert "4 HTTP" in panel
    assert "host-0002" in panel
    expand = next(link for link in page.all("a", class_="button") if link.text == "Ungroup")
    assert state(expand.attributes["href"])["expand"] == [GROUP]
    page = get(expand.attributes["href"])
    assert len(shown(page)) == 9
    assert "HTTP called by frontend: not grouped" in page.text
    assert [name for name, _ in store.queries] == ["call_rows", "call_rows"]


def test_selecting_a_member_marks_its_group(get: Get, store: FakeStore) -> None:
    store.map_rows = calling(4)
    page = get(f"/map?group=always&node={quote('dependency:HTTP|host-0001')}")
    assert [node.attributes["data-node"] for node in page.all("a", class_="selected")] == [GROUP]
    assert "host-0001" in page.one("aside", id="panel").text


def test_map_over_the_drawing_limit_is_a_table_with_a_note(get: Get, store: FakeStore) -> None:
    names = [f"service-{number:04}" for number in range(MAX_DRAWN + 1)]
    store.map_rows = CallRows(
        tuple(RoleRow(name, 1, statistics(5, 0, 9)) for name in names),
        tuple(LinkRow(names[0], name, "HTTP", name, statistics(5, 0, 9)) for name in names[1:]),
        (),
        (),
    )
    page = get("/map")
    assert not page.all("a", class_="node")
    assert "too large for a drawing" in page.one("div", role="status").text
    assert len(page.all("tr")) == 2 * MAX_ROWS + 2
    assert "1,000 rows of up to 1,001" in page.text
    rejected = get("/map.svg")
    assert rejected.status == 400
    assert "Expected 1,000 at most" in json.loads(rejected.content)["detail"]
    assert len(json.loads(get("/map.json").content)["nodes"]) == MAX_DRAWN + 1
    assert shown(get("/map?focus=service-0007")) == {"service-0000", "service-0007"}


def test_panel_of_a_role_lists_its_instances(get: Get) -> None:
    rows = [" ".join(row.text.split()) for row in get("/map?node=role:storage").all("tr")]
    assert "storage-1 700 170 ms 8.6 %" in rows
    assert "(no name) 231 110 ms 0.4 %" in rows


def test_panels_of_browsers_and_availability_tests(get: Get, store: FakeStore) -> None:
    store.map_rows = replace(
        MESH,
        page_views=(PageViewRow("(browser) shop", statistics(40, 0, 900)),),
        availability=(AvailabilityRow("home page", "frontend", statistics(120, 1, 80)),),
    )

    def shown_groups() -> object:
        return [arguments[0].item_type for name, arguments in store.queries if name == "groups"][-1]

    browser = get("/map?node=role:(browser)+shop")
    assert shown_groups() == ItemType.PAGE_VIEW
    assert "page views" in browser.one("aside", id="panel").text
    assert "99 % available · 120 results" in browser.text
    test = get("/map?node=availability:home+page")
    assert shown_groups() == ItemType.AVAILABILITY_RESULT
    assert "availability test" in test.one("aside", id="panel").text
