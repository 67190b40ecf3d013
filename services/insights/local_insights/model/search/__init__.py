"""Searching telemetry by words: a small query language, what it means, and how answers are counted."""
