"""Text formats of the Application Map: DOT, Mermaid, and plain text for terminals."""
