"""The common parts of the pages Overview, Performance and Failures."""
