"""The pages `/transaction`: the newest, one from end to end, the same as a file, and their twins."""
