"""Layered layout of the map from left to right.

Each module is one step; they run in this order:

1. `acyclic`: reverse edges until the graph has no cycle.
2. `layering`: assign a layer to every node; long edges get a bend in every layer they pass.
3. `ordering`: order the vertices of each layer with few edge crossings.
4. `folding`: split layers of hundreds of nodes into rows of several nodes.
5. `coordinates`: assign y coordinates.
6. `placement`: compute points, and the routes of edges between them.

The method is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
1981. Vertices are integers; only `layered_layout` maps them to names. The layout is deterministic: it does not depend
on the order of the input or on hash seeds, and effort limits count steps instead of time. ADR 0014 compares it with
existing libraries.
"""

from local_insights.model.layout.geometry import Point, Spacing
from local_insights.model.layout.layered_layout import Layout, layered_layout

__all__ = ["Layout", "Point", "Spacing", "layered_layout"]
