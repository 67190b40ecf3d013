"""Tracing of frameworks and clients: one module each, none needed by the rest."""
