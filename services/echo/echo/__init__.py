"""The middle of the mesh: answers with the value it was given."""
