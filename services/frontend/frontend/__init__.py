"""The entry of the mesh: sends a value to echo, has the result stored, shows both."""
