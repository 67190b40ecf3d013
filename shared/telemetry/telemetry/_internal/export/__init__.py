"""Queues, transports and files: envelopes on their way to an ingestion endpoint."""
