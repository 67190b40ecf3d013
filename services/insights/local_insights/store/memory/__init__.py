"""The storage engine in memory: not durable, bounded, without dependencies. For tests and for embedding."""
