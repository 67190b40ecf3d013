"""The page `/map` and the same map in other formats: query, visible part of the map, drawing, panel of one node."""
