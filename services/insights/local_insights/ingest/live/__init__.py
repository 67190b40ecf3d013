"""The Live Metrics protocol (QuickPulse): servers report every second and receive what to collect."""
