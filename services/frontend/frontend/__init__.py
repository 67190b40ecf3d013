"""The entry of the mesh: takes a value, has it echoed, has it stored, shows the result."""
