"""Layouts that stay from one refresh to the next."""

from dataclasses import replace

from local_insights.model.application_map import ApplicationMap, Edge
from local_insights.portal.map.drawing.map_layout import LayoutMemory, map_layout
from support.example_maps import HOUR, made, mesh, named_map, stored_map


def with_more(shown: ApplicationMap) -> ApplicationMap:
    newcomer = replace(shown.nodes[0], id="role:newcomer", name="newcomer")
    edge = Edge(source=shown.nodes[0].id, target="role:newcomer", statistics=made(1))
    return ApplicationMap(HOUR, (*shown.nodes, newcomer), (*shown.edges, edge), ())


def test_new_figures_move_nothing() -> None:
    memory = LayoutMemory()
    before = memory.layout(mesh())
    busier = replace(mesh(), edges=tuple(replace(edge, statistics=made(99)) for edge in mesh().edges))
    assert memory.layout(busier) is before


def test_first_layout_is_that_of_a_drawing_that_stands_alone() -> None:
    assert LayoutMemory().layout(mesh()) == map_layout(mesh())


def test_new_node_leaves_the_others_in_their_order() -> None:
    memory = LayoutMemory()
    shown = stored_map("shop30")
    before = memory.layout(shown)
    after = memory.layout(with_more(shown))
    assert after == map_layout(with_more(shown), before)
    assert "role:newcomer" in after.points


def test_the_map_most_alike_is_the_hint() -> None:
    memory = LayoutMemory()
    shop = stored_map("shop30")
    before = memory.layout(shop)
    memory.layout(stored_map("mesh5"))
    assert memory.layout(with_more(shop)) == map_layout(with_more(shop), before)


def test_map_of_another_world_is_laid_out_as_if_alone() -> None:
    memory = LayoutMemory()
    memory.layout(mesh())
    assert memory.layout(named_map("x", "y")) == map_layout(named_map("x", "y"))


def test_memory_is_bounded_and_forgets_what_was_longest_unused() -> None:
    memory = LayoutMemory(limit=2)
    one, two, three = (named_map(name) for name in ("one", "two", "three"))
    first = memory.layout(one)
    second = memory.layout(two)
    assert memory.layout(one) is first
    memory.layout(three)
    assert memory.layout(one) is first
    assert memory.layout(two) is not second
