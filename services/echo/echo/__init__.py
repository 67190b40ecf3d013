"""The middle of the mesh: returns the value that it receives."""
