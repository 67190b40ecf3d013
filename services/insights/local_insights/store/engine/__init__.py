"""DuckDB behind the store's contract: one file, one writer, questions on cursors of their own."""
