"""A local Application Insights: telemetry in, Application Map out."""
