"""The end of the mesh: stores values in MySQL."""
