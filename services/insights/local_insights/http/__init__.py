"""HTTP concerns that ingest and portal share: the server, middleware, problem documents, monitoring."""
