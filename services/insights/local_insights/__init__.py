"""Local Insights: a local Application Insights server."""
