"""SQL statements and the queries that run them, the same for every SQL engine."""
