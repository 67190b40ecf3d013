"""The end of the mesh: keeps values in MySQL."""
