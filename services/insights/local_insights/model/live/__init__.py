"""Live Metrics: the last minute, second by second, from reports of servers and from their telemetry."""
