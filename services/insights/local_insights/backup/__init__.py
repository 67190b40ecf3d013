"""Export of stored items as envelopes, and the download endpoint."""
