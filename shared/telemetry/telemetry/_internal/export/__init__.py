"""Export of envelopes: queues, HTTP transport, and files for envelopes that could not be sent."""
