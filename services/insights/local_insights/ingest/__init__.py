"""Ingestion: HTTP requests from SDKs are read, validated, normalized and stored."""
