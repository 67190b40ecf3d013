"""The Live Metrics protocol (QuickPulse): servers report once a second, and are told what to collect."""
