"""Bytes become envelopes become items: decode, envelope, normalize, routes."""
