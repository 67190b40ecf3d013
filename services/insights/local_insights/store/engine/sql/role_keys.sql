-- The instrumentation keys that each role serves requests under in [start, end).
SELECT DISTINCT role, instrumentation_key
FROM items
WHERE item_type = 'request' AND time_us >= $start_us AND time_us < $end_us
