"""The page `/search` and its twin: what is asked, how findings are shown."""
