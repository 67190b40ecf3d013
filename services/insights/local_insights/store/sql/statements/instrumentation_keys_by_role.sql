-- The instrumentation keys under which each role served requests or made calls in [start, end).
SELECT role, instrumentation_key, MAX(CASE WHEN item_type = 'request' THEN 1 ELSE 0 END) AS is_serving
FROM items
WHERE item_type IN ('request', 'dependency') AND time_us >= $start_us AND time_us < $end_us
GROUP BY role, instrumentation_key
