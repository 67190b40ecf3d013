"""The commands of `insights`."""
