-- How many dependencies of each role and instance began in [start, end).
SELECT role, role_instance, COUNT(*) AS dependencies
FROM items
WHERE item_type = 'dependency' AND time_us >= $start_us AND time_us < $end_us
GROUP BY role, role_instance
