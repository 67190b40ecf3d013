"""What the server needs of HTTP: listeners, middleware, problem documents, query parameters, monitoring."""
