"""The page `/failures`: failed operations and dependencies, and exceptions."""
