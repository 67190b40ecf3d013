-- The instances of each role that made calls in [start, end).
SELECT DISTINCT role, role_instance
FROM {items} AS i
WHERE item_type = 'dependency' AND time_us >= $start_us AND time_us < $end_us
