"""Overview, Performance and Failures: from the map to the cause."""
