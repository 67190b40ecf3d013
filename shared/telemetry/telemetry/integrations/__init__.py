"""Integrations with frameworks and clients: one public module each, none of which the core imports."""
