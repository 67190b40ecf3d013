"""Tracers, samplers, span context and its propagation."""
