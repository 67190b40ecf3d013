"""Sample telemetry of a web shop, as a pure function of seed and time."""
