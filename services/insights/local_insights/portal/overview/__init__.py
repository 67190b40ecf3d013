"""The page `/overview`: the state of the whole application, and of each role."""
