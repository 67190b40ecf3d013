"""The Application Map as text: DOT, Mermaid, plain."""
