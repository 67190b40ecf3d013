"""The layered layout of the map, left to right: one step a module, in the order they run.

1. `acyclic`: which edges are drawn against the flow, so that the rest has a direction.
2. `layering`: the column of every node; long edges get a bend in every column they pass.
3. `ordering`: who stands above whom in a column, with few crossings.
4. `folding`: layers of hundreds of nodes become rows of several nodes side by side.
5. `coordinates`: how high everything stands.
6. `placing`: the points, and where edges run between them.

The method is that of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
1981. Vertices are integers inside; only `layered_layout` knows names. Nothing depends on the order of the input or on
hash seeds, and all effort is counted, never timed: the same graph always gives the same picture.
"""

from local_insights.model.layout.geometry import Point, Spacing
from local_insights.model.layout.layered_layout import Layout, layered_layout

__all__ = ["Layout", "Point", "Spacing", "layered_layout"]
