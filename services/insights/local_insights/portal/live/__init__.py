"""The page `/live` (Live Metrics): the last minute at a resolution of one second."""
