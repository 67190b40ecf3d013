"""What the services of the mesh share and tracing does not need."""
