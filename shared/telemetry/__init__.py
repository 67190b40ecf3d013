"""OpenCensus for Python, made to hold: spans, logs and context that reach Application Insights."""
