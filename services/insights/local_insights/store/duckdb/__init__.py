"""The storage engine on DuckDB: durable, one file, one process."""
