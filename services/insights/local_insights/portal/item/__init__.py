"""The page `/item/{key}`: all details of one item, with or without an operation."""
