"""The map as SVG: its elements, accessibility, and hostile names."""

import re
from itertools import combinations, pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_elements import Edge
from local_insights.portal.map.drawing.svg import map_svg, node_link
from support.example_maps import HOUR, failing_mesh, made, mesh, named_map, stored_map

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE_NAMES = (
    "</text><script>alert(1)</script>",
    '"><a href="javascript:x">',
    "]]>&amp;",
    "a\x00b\x1b[31m\x7f",
    "\u202egnitartne",
    "two\nlines\tand\rmore",
    "\ud800",
    "日本語のサービス",
    "   ",
)


def drawn(shown: ApplicationMap, **options: object) -> Element:
    return fromstring(map_svg(shown, **({"theme": "page"} | options)))  # type: ignore[arg-type] # options by name  # noqa: S314 - our own XML


def with_class(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def text_of(element: Element) -> str:
    return "".join(text for part in element.iter(f"{SVG}text") for text in part.itertext())


def ends(edge: Element) -> tuple[str, str]:
    return edge.get("data-source", ""), edge.get("data-target", "")


def line(edge: Element) -> Element:
    return with_class(edge, "edge-line")[0]


def box(element: Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(element.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_every_node_and_edge_is_drawn_once() -> None:
    root = drawn(mesh())
    assert [element.get("data-node") for element in with_class(root, "node")] == [
        "role:prompt",
        "role:frontend",
        "role:echo",
        "role:storage",
        "dependency:MySQL|127.0.0.1:3306 | mesh",
    ]
    assert [ends(edge) for edge in with_class(root, "edge")] == [(edge.source, edge.target) for edge in mesh().edges]


def test_node_has_name_duration_and_calls() -> None:
    echo = next(node for node in with_class(drawn(mesh()), "node") if node.get("data-node") == "role:echo")
    assert [text_of(with_class(echo, name)[0]) for name in ("node-name", "node-summary", "node-badge")] == [
        "echo",
        "4.0 ms · 3 calls",
        "\N{MULTIPLICATION SIGN}2",
    ]


def test_summary_of_a_dependency_includes_its_type() -> None:
    database = with_class(drawn(mesh()), "node-dependency")[0]
    assert text_of(with_class(database, "node-summary")[0]) == "MySQL · 2.0 ms · 3 calls"


def test_edge_label_has_duration_and_calls() -> None:
    labels = {label.get("data-target"): text_of(label) for label in with_class(drawn(mesh()), "edge-label")}
    assert labels["role:echo"] == "6.0 ms3 calls"


def test_line_of_a_healthy_edge_is_grey() -> None:
    strokes = {ends(edge)[1]: line(edge).get("stroke") for edge in with_class(drawn(failing_mesh()), "edge")}
    assert strokes == {"role:echo": "var(--edge)", "role:frontend": "var(--warning)", "role:storage": "var(--error)"}


def test_label_of_a_failing_edge_has_the_failed_percentage_and_a_border() -> None:
    root = drawn(failing_mesh())
    label = next(label for label in with_class(root, "edge-label") if label.get("data-target") == "role:storage")
    assert "edge-label-error" in label.get("class", "")
    assert text_of(with_class(label, "label-whole")[0]) == "10 ms10 calls20 % failed"
    assert with_class(label, "label-pill")[0].get("stroke") == "var(--error)"
    assert text_of(with_class(label, "label-short")[0]) == "20 %"
    assert with_class(label, "label-short")[0].get("display") == "none"


def test_failed_calls_are_a_wider_arc_of_the_ring() -> None:
    storage = next(node for node in with_class(drawn(failing_mesh()), "node-error") if "storage" in text_of(node))
    healthy, failed = with_class(storage, "ring")
    assert (healthy.get("stroke"), failed.get("stroke")) == ("var(--ok)", "var(--error)")
    assert float(failed.get("stroke-width", "")) == float(healthy.get("stroke-width", "")) + 2.5
    assert text_of(with_class(storage, "node-badge")[0]) == "20 %"


def test_client_always_has_a_grey_ring() -> None:
    client = with_class(drawn(failing_mesh()), "node-client")[0]
    assert not with_class(client, "ring")
    assert client.find(f".//{SVG}circle").get("stroke") == "var(--edge)"  # type: ignore[union-attr] # there is one


def test_failing_lines_are_drawn_last() -> None:
    levels = [edge.get("class", "").rpartition("-")[2] for edge in with_class(drawn(stored_map("shop30")), "edge")]
    assert levels == sorted(levels, key=["ok", "warning", "error"].index)
    assert set(levels) == {"ok", "warning", "error"}


def test_accessible_name_of_a_node_starts_with_its_visible_text() -> None:
    for node in with_class(drawn(failing_mesh()), "node"):
        assert node.tag == f"{SVG}a"
        seen = " ".join(text.text or "" for text in node.iter(f"{SVG}text"))
        assert node.get("aria-label", "").startswith(seen)


def test_link_of_a_node_is_set_by_the_page() -> None:
    database = with_class(drawn(mesh()), "node-dependency")[0]
    assert database.get("href") == "/map?node=dependency%3AMySQL%7C127.0.0.1%3A3306%20%7C%20mesh"
    assert with_class(drawn(mesh(), link=lambda node_id: f"#{node_id}"), "node-role")[0].get("href") == "#role:prompt"


def test_selected_node_is_marked_visually_and_for_screen_readers() -> None:
    (selected,) = with_class(drawn(mesh(), selected="role:echo"), "selected")
    assert selected.get("aria-current") == "true"
    assert selected.find(f".//{SVG}circle").get("stroke") == "var(--accent)"  # type: ignore[union-attr] # there is one


def test_drawing_for_the_page_has_no_styles() -> None:
    root = drawn(stored_map("shop30"))
    assert all(element.get("style") is None and element.tag != f"{SVG}style" for element in root.iter())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_standalone_drawing_has_literal_colours_a_background_and_no_links(theme: str) -> None:
    text = map_svg(failing_mesh(), theme=theme)  # type: ignore[arg-type] # one of the themes
    assert "var(" not in text
    assert "href" not in text
    root = fromstring(text)  # noqa: S314 - our own XML
    background = with_class(root, "background")[0]
    assert [background.get(side) for side in ("width", "height")] == [root.get(side) for side in ("width", "height")]


def test_standalone_drawing_has_time_range_and_legend() -> None:
    root = drawn(mesh(), theme="light")
    assert text_of(with_class(root, "footer")[0]) == "2026-01-01 12:00 to 13:00 UTC≥ 5 % failed≥ 1 % failedhealthy"


def test_small_standalone_drawing_has_a_minimum_width() -> None:
    root = drawn(ApplicationMap(HOUR, mesh().nodes[:1], (), ()), theme="light")
    left, _, width, _ = map(float, root.get("viewBox", "").split())
    assert width == 600
    assert float(with_class(root, "node-name")[0].get("x", "")) == left + width / 2


def test_drawing_has_title_and_description() -> None:
    root = drawn(mesh())
    assert root.findtext(f"{SVG}title") == "Application map, 2026-01-01 12:00 to 13:00 UTC"
    assert "prompt to frontend: 3 calls · 44 ms · 0 % failed." in (root.findtext(f"{SVG}desc") or "")
    ids = {element.get("id") for element in root.iter()}
    assert set(root.get("aria-labelledby", "").split()) <= ids


@pytest.mark.parametrize("name", ["mesh5", "shop30"])
def test_labels_cover_neither_labels_nor_nodes(name: str) -> None:
    root = drawn(stored_map(name))
    labels = [box(next(iter(label.iter(f"{SVG}rect")))) for label in with_class(root, "label-whole")]
    assert not any(overlap(one, other) for one, other in combinations(labels, 2))
    names = [box(plate) for plate in with_class(root, "node-plate")]
    assert not any(overlap(label, plate) for label in labels for plate in names)


def test_every_failing_edge_has_a_label() -> None:
    root = drawn(stored_map("shop30"))
    failing = [edge for edge in with_class(root, "edge") if "edge-ok" not in edge.get("class", "")]
    assert failing
    assert set(map(ends, failing)) <= set(map(ends, with_class(root, "edge-label")))


def test_elements_are_inside_the_drawing() -> None:
    root = drawn(stored_map("shop30"))
    left, top, width, height = map(float, root.get("viewBox", "").split())
    boxes = [box(element) for element in root.iter(f"{SVG}rect")]
    assert all(
        left <= x and top <= y and right <= left + width and bottom <= top + height for x, y, right, bottom in boxes
    )


@pytest.mark.parametrize(("nodes", "density"), [(12, "roomy"), (13, "compact"), (60, "compact"), (61, "dense")])
def test_density_depends_on_the_number_of_nodes(nodes: int, density: str) -> None:
    root = drawn(named_map(*(f"service-{number}" for number in range(nodes - 1))))
    assert len(with_class(root, "node")) == nodes
    assert f"map-{density}" in root.get("class", "")
    assert bool(with_class(root, "edge-label")) is (density != "dense")


def test_edges_of_a_dense_map_start_after_the_name() -> None:
    names = [f"service-{number:03}" for number in range(70)]
    root = drawn(named_map(*names))
    name_ends = {node.get("data-node"): box(with_class(node, "node-plate")[0])[2] for node in with_class(root, "node")}
    starts = {ends(edge)[0]: float(line(edge).get("d", "")[1:].partition(",")[0]) for edge in with_class(root, "edge")}
    assert len(starts) == 70
    assert all(start > name_ends[source] for source, start in starts.items())


def test_line_width_grows_with_calls() -> None:
    root = drawn(stored_map("shop30"))
    calls = {(edge.source, edge.target): edge.calls for edge in stored_map("shop30").edges}
    widths = sorted((calls[ends(edge)], float(line(edge).get("stroke-width", ""))) for edge in with_class(root, "edge"))
    assert all(before[1] <= after[1] for before, after in pairwise(widths))
    assert widths[0][1] < widths[-1][1]


def test_roles_that_call_each_other_have_two_parallel_lines() -> None:
    root = drawn(stored_map("shop30"))
    paths = {ends(edge): line(edge).get("d", "") for edge in with_class(root, "edge")}
    numbers = {pair: [float(number) for number in re.findall(r"-?[\d.]+", path)] for pair, path in paths.items()}
    there, back = numbers["orders", "shipping"], numbers["shipping", "orders"]
    assert abs(there[1] - back[-1]) == pytest.approx(14, abs=0.2)


def test_self_loop_is_above_the_node() -> None:
    itself = Edge(source="role:echo", target="role:echo", statistics=made(1))
    looped = ApplicationMap(HOUR, mesh().nodes, (*mesh().edges, itself), ())
    root = drawn(looped)
    loop = next(line for line in with_class(root, "edge") if line.get("data-source") == line.get("data-target"))
    echo = next(node for node in with_class(root, "node") if node.get("data-node") == "role:echo")
    heights = [float(y) for y in re.findall(r",(-?[\d.]+)", line(loop).get("d", ""))]
    assert max(heights) < float(echo.get("data-y", ""))


def test_map_without_nodes_is_an_empty_drawing() -> None:
    root = drawn(ApplicationMap(HOUR, (), (), ("Nothing.",)), theme="light")
    assert not with_class(root, "node")
    assert "Nothing." in (root.findtext(f"{SVG}desc") or "")


@pytest.mark.parametrize("theme", ["light", "dark", "page"])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_name_remains_text(name: str, theme: str) -> None:
    text = map_svg(named_map("caller", name), theme=theme)  # type: ignore[arg-type] # one of the themes
    root = fromstring(text)  # noqa: S314 - our own XML
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "g", "a", "path", "circle", "rect", "text", "tspan",
    }  # fmt: skip
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\ud800]", text)
    text.encode()


@settings(max_examples=50)
@given(st.text(min_size=1), st.text(min_size=1))
def test_drawing_is_well_formed_for_all_names_property(one: str, other: str) -> None:
    assert drawn(named_map(one, other)).tag == f"{SVG}svg"


def test_long_name_has_an_ellipsis_in_the_middle() -> None:
    shown = named_map("payments-gateway-for-the-european-market-in-region-west-1", "echo")
    name = text_of(with_class(with_class(drawn(shown), "node")[0], "node-name")[0])
    assert name.startswith("payments-gate")
    assert name.endswith("west-1")
    assert "…" in name


def test_same_map_has_the_same_drawing() -> None:
    shown = stored_map("mesh5")
    again = ApplicationMap(HOUR, shown.nodes[::-1], shown.edges[::-1], ())
    assert map_svg(again, theme="light") == map_svg(shown, theme="light")


def test_node_ids_are_escaped_in_links() -> None:
    assert node_link("role:a&b=c#d") == "/map?node=role%3Aa%26b%3Dc%23d"
