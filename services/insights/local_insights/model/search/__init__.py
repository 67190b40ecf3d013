"""Full-text search: query language, whole words, searched texts, results."""
