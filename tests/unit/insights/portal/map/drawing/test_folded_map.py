"""Lines of a map with folded layers."""

import math
from functools import cache

from local_insights.model.layout import layered_layout
from local_insights.model.map_elements import Edge, Node
from local_insights.model.statistics import CallStatistics
from local_insights.portal.map.drawing.density import density
from local_insights.portal.map.drawing.edge_shape import EdgeShape, edge_shapes
from local_insights.portal.map.drawing.node_shape import NodeShape, node_shape
from support.graph_telemetry import generated_graph

CALLS = CallStatistics(9, 0, 9, {600: 9})


@cache
def shapes() -> tuple[dict[str, NodeShape], list[EdgeShape]]:
    graph = generated_graph(300)
    sizes = density(len(graph.kinds))
    calls = [(link.source, link.target) for link in graph.connectors]
    back = [(target, source) for source, target in calls[::20]]
    layout = layered_layout(graph.kinds, calls + back, sizes.spacing)
    nodes = {
        name: node_shape(Node(id=name, kind="role", name=name, statistics=CALLS), layout.points[name], sizes)
        for name in graph.kinds
    }
    edges = [Edge(source=source, target=target, statistics=CALLS) for source, target in sorted({*calls, *back})]
    return nodes, edge_shapes(edges, layout, nodes, sizes)


def test_lines_avoid_other_nodes() -> None:
    nodes, edges = shapes()
    for shape in edges:
        others = [node for name, node in nodes.items() if name not in {shape.edge.source, shape.edge.target}]
        box = shape.curve.box.grown(10)
        near = [node.centre for node in others if box.overlaps(node.disc_box)]
        assert all(math.dist(point, centre) > density(300).radius for point in shape.curve.samples for centre in near)


def test_lines_start_and_end_at_their_nodes() -> None:
    nodes, edges = shapes()
    for shape in edges:
        assert nodes[shape.edge.source].box.grown(6).contains(*shape.curve.samples[0])
        assert nodes[shape.edge.target].box.grown(12).contains(*shape.curve.end)
