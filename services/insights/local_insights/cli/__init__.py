"""The command `insights`."""
