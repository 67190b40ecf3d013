"""The page `/transaction/{operation_id}`: one operation from end to end, also as JSON and as a file."""
