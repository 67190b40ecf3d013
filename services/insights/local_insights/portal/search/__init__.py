"""The page `/search`: full-text search over all telemetry."""
