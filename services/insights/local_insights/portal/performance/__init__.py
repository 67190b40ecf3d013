"""The page `/performance`: durations of operations, dependencies and roles."""
