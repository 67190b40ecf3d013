"""The cache of layouts."""

from dataclasses import replace

from local_insights.model.application_map import ApplicationMap
from local_insights.model.map_elements import Edge
from local_insights.portal.map.drawing.layout import LayoutCache, map_layout
from support.example_maps import HOUR, made, mesh, named_map, stored_map


def with_more(shown: ApplicationMap) -> ApplicationMap:
    new = replace(shown.nodes[0], id="role:new", name="new")
    edge = Edge(source=shown.nodes[0].id, target="role:new", statistics=made(1))
    return ApplicationMap(HOUR, (*shown.nodes, new), (*shown.edges, edge), ())


def test_new_statistics_do_not_move_nodes() -> None:
    cache = LayoutCache()
    before = cache.layout(mesh())
    busier = replace(mesh(), edges=tuple(replace(edge, statistics=made(99)) for edge in mesh().edges))
    assert cache.layout(busier) is before


def test_first_layout_equals_an_uncached_layout() -> None:
    assert LayoutCache().layout(mesh()) == map_layout(mesh())


def test_new_node_does_not_change_the_order_of_the_others() -> None:
    cache = LayoutCache()
    shown = stored_map("shop30")
    before = cache.layout(shown)
    after = cache.layout(with_more(shown))
    assert after == map_layout(with_more(shown), before)
    assert "role:new" in after.points


def test_layout_with_most_common_nodes_is_the_hint() -> None:
    cache = LayoutCache()
    shop = stored_map("shop30")
    before = cache.layout(shop)
    cache.layout(stored_map("mesh5"))
    assert cache.layout(with_more(shop)) == map_layout(with_more(shop), before)


def test_unrelated_map_is_laid_out_without_a_hint() -> None:
    cache = LayoutCache()
    cache.layout(mesh())
    assert cache.layout(named_map("x", "y")) == map_layout(named_map("x", "y"))


def test_cache_evicts_the_least_recently_used_layout() -> None:
    cache = LayoutCache(limit=2)
    one, two, three = (named_map(name) for name in ("one", "two", "three"))
    first = cache.layout(one)
    second = cache.layout(two)
    assert cache.layout(one) is first
    cache.layout(three)
    assert cache.layout(one) is first
    assert cache.layout(two) is not second
