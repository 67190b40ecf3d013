"""Everything that is not promised to users of the library."""
