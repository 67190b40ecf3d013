"""The store on DuckDB."""
