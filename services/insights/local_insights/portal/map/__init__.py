"""The page `/map` and its twins: what is asked, which part of the map is shown, the panel of one node."""
