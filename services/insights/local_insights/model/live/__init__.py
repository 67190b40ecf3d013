"""The last minute, second by second: what servers report of themselves, and what their telemetry tells of them."""
