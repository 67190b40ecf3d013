"""The page `/transaction`: the list of the newest operations."""
