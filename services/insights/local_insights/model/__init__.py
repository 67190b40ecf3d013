"""What telemetry means: pure functions from rows to map and transaction, without input or output."""
