"""The page Live Metrics: the last minute, a second at a time."""
