-- All instrumentation keys in [start, end) and an hour before and after it.
SELECT DISTINCT instrumentation_key
FROM items
WHERE time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
